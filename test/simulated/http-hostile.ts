import { connect, type Socket } from "node:net";

const WILD = 200;
/** Beyond what an address may have. */
const SLOW = 20;
const DRIP_MS = 500;
const PATIENCE_MS = 5000;

const VERBS = ["GET", "POST", "PATCH", "DELETE", "XYZ", "\0", "post"];
const PATHS = [
  ...["/api/v1/mining/resume", "/api/v1/config", "/%", "//", "/api/v1/../..", "*"],
  ...["/api/v1/boards/%00", "/\u00ff\u00fe", "http://evil/api/v1/config"],
];
const HEADS = [
  ...["Host: 127.0.0.1", "Host: evil", "", "Content-Length: -1", "Transfer-Encoding: chunked"],
  "Content-Length: 4\r\nTransfer-Encoding: chunked",
  "Content-Length: 4\r\nContent-Length: 5",
  "Host: 127.0.0.1\r\n folded: x",
  "Upgrade: websocket\r\nConnection: Upgrade",
  "Expect: 100-continue",
];
const BODIES = [
  ...["", "{", '{"__proto__":{"scope":"own"}}', "ffffffff\r\n", "\0".repeat(5000)],
  '{"password":"\u00ff\u00fe"}',
];

/** Clients that open a connection and hold it, a byte of a request now and then. */
export interface SlowClients {
  /** How many are still held. */
  readonly held: () => number;
  /** Resolves when the miner has closed all of them. */
  readonly closed: Promise<unknown>;
  readonly stop: () => void;
}

export function slowClients(port: number, from: string): SlowClients {
  const sockets = Array.from({ length: SLOW }, () => open(port, from));
  const drip = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write("x");
  }, DRIP_MS);
  for (const socket of sockets) socket.write("GET / HTTP/1.1\r\nX: ");
  const closed = Promise.all(sockets.map(closedOf));
  return {
    held: () => sockets.filter(({ closed: isClosed }) => !isClosed).length,
    closed,
    stop: () => {
      clearInterval(drip);
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Bytes that no client of ours sends. Each sender has an address of its own. */
export async function hostileBytes(port: number): Promise<void> {
  const pick = <Value>(list: readonly Value[], at: number): Value => list[at % list.length]!;
  for (let at = 0; at < WILD; at += 10)
    await Promise.all(
      Array.from({ length: 10 }, (_, step) => {
        const index = at + step;
        const lines = [
          `${pick(VERBS, index)} ${pick(PATHS, index >> 1)} HTTP/1.1`,
          ...[pick(HEADS, index >> 2), "Cookie: headframe=x"],
          ...["Authorization: Bearer hf_00000000_x", "Content-Type: application/json"],
          `X-Junk: ${"j".repeat((index * 97) % 12_000)}`,
        ];
        const text = `${lines.join("\r\n")}\r\n\r\n${pick(BODIES, index)}`;
        return sent(port, `127.0.2.${index % 200}`, Buffer.from(text, "latin1"));
      }),
    );
  await headerBombs(port);
  await pipelines(port);
  await halfOpen(port);
}

async function headerBombs(port: number): Promise<void> {
  const bombs = [
    `X: ${"x".repeat(1_000_000)}`,
    Array.from({ length: 20_000 }, (_, index) => `X${index}: y`).join("\r\n"),
    "\r\n".repeat(100_000),
    `Cookie: ${"headframe=x; ".repeat(50_000)}`,
  ];
  for (const bomb of bombs)
    await sent(port, "127.0.2.201", Buffer.from(`GET / HTTP/1.1\r\n${bomb}\r\n\r\n`));
}

async function pipelines(port: number): Promise<void> {
  const many = "POST /api/v1/mining/pause HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".repeat(5000);
  await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      sent(port, `127.0.2.${202 + (index % 2)}`, Buffer.from(many)),
    ),
  );
}

/** Bodies that never end, of those who may not even log in; halves of requests; ends without a word. */
async function halfOpen(port: number): Promise<void> {
  const head =
    "POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";
  const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
  const long = open(port, "127.0.2.211");
  long.write(`${head}Content-Length: 500000000\r\n\r\n`);
  const chunked = open(port, "127.0.2.212");
  chunked.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
  const floods = [long, chunked].map(async (socket) => {
    const text = socket === long ? "x".repeat(65_536) : chunk;
    for (let count = 0; count < 200 && socket.writable; count++)
      if (!socket.write(text)) await drained(socket);
    socket.destroy();
  });
  const halves = ["", "G", `${head}Content-Length: 100\r\n\r\n{`, "\x16\x03\x01\x02\x00"].map(
    (text, index) => sent(port, `127.0.2.${index + 213}`, Buffer.from(text, "latin1")),
  );
  const gone = open(port, "127.0.2.220");
  gone.write(`${head}Content-Length: 100\r\n\r\n`, () => gone.resetAndDestroy());
  await Promise.all([...floods, ...halves, closedOf(gone)]);
}

/** Sends it and says no more; resolves when the miner has closed, or after a while. */
async function sent(port: number, from: string, bytes: Buffer): Promise<void> {
  const socket = open(port, from);
  socket.end(bytes);
  const patience = setTimeout(() => socket.destroy(), PATIENCE_MS);
  await closedOf(socket);
  clearTimeout(patience);
}

function open(port: number, localAddress: string): Socket {
  const socket = connect({ port, host: "127.0.0.1", localAddress });
  socket.on("error", () => undefined); // it may be refused
  return socket.resume();
}

function closedOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else
      socket.once("close", () => {
        resolve();
      });
  });
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("drain", () => {
      resolve();
    });
    socket.once("close", () => {
      resolve();
    });
  });
}
