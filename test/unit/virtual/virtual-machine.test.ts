import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { isMinerError } from "../../../src/lib/errors.js";
import { VirtualMachine, type VirtualTransport } from "../../../src/virtual/virtual-machine.js";
import { READ_IDS, command, write, ROLL_ALL } from "./rig.js";

const CHAIN = { chip: "BM1370", chips: 3, domains: 1 } as const;
/** Captured: a BM1370 before version rolling was switched on. */
const ID_ANSWER = "aa5513700000000006";

/** Reads from a tty until so many bytes are there. */
async function readBytes(tty: FileHandle, count: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let have = 0; have < count;) {
    const { buffer, bytesRead } = await tty.read(Buffer.alloc(count - have));
    parts.push(buffer.subarray(0, bytesRead));
    have += bytesRead;
  }
  return Buffer.concat(parts);
}

async function readFrom(socket: Socket, count: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  while (Buffer.concat(parts).length < count) {
    const [bytes] = (await once(socket, "data")) as [Buffer];
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

describe("virtual machine", () => {
  let listenDir: string;
  let machine: VirtualMachine | undefined;

  beforeEach(() => {
    listenDir = mkdtempSync(join(tmpdir(), "virtual-"));
  });

  afterEach(async () => {
    await machine?.stop();
    machine = undefined;
    rmSync(listenDir, { recursive: true });
  });

  async function start(transport: VirtualTransport = "pty"): Promise<VirtualMachine> {
    machine = await VirtualMachine.start({ listenDir, chains: [CHAIN, CHAIN], transport });
    return machine;
  }

  async function openTty(): Promise<FileHandle> {
    return open(join(listenDir, "chain0.tty"), constants.O_RDWR | constants.O_NOCTTY);
  }

  /** Sends requests one after another; their answers without the id. */
  async function control(...requests: readonly object[]): Promise<Record<string, unknown>[]> {
    const socket = connect(join(listenDir, "control.sock"));
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    const answers: Record<string, unknown>[] = [];
    for (const [at, request] of requests.entries()) {
      socket.write(`${JSON.stringify({ id: at, ...request })}\n`);
      const next = await lines.next();
      const { id, ...answer } = JSON.parse(String(next.value)) as Record<string, unknown>;
      equal(id, at);
      answers.push(answer);
    }
    socket.destroy();
    return answers;
  }

  it("answers on a real tty, at the rate that its termios says", async () => {
    const running = await start();
    const tty = await openTty();
    await tty.write(READ_IDS);
    const ids = await readBytes(tty, 27);
    equal(ids.toString("hex"), ID_ANSWER.repeat(3));
    execFileSync("stty", ["-F", join(listenDir, "chain0.tty"), "57600"]);
    await tty.write(READ_IDS);
    while (running.chainStates()[0]?.noiseBytes !== READ_IDS.length)
      await new Promise((resolve) => setImmediate(resolve));
    await tty.close();
  });

  it("stays when the host goes, and serves the next one", async () => {
    await start();
    for (let turn = 0; turn < 2; turn++) {
      const tty = await openTty();
      await tty.write(READ_IDS);
      equal((await readBytes(tty, 27)).length, 27);
      await tty.close();
    }
  });

  it("wires the chain of a slot to another tty, and leaves it its reset line", async () => {
    machine = await VirtualMachine.start({ listenDir, chains: [CHAIN, CHAIN], wiring: [3, 0] });
    const reset = await open(join(listenDir, "chain1.reset"), constants.O_WRONLY);
    await reset.write("0");
    while (machine.chainStates()[1]?.isInReset !== true)
      await new Promise((resolve) => setImmediate(resolve));
    // In reset, slot 1 is silent on its tty; the other is not.
    const silent = await openTty();
    await silent.write(READ_IDS);
    const tty = await open(join(listenDir, "chain3.tty"), constants.O_RDWR | constants.O_NOCTTY);
    await tty.write(READ_IDS);
    equal((await readBytes(tty, 27)).toString("hex"), ID_ANSWER.repeat(3));
    equal(machine.chainStates()[0]?.isInReset, false);
    await reset.write("1");
    while (machine.chainStates()[1]?.isInReset !== false)
      await new Promise((resolve) => setImmediate(resolve));
    await silent.write(READ_IDS);
    equal((await readBytes(silent, 27)).length, 27);
    for (const file of [reset, silent, tty]) await file.close();
  });

  for (const wiring of [[0], [0, 0], [0, 4]])
    it(`refuses the wiring ${wiring.join(",")}`, async () => {
      const start = VirtualMachine.start({ listenDir, chains: [CHAIN, CHAIN], wiring });
      await rejects(start, { code: "VIRTUAL_REQUEST_INVALID" });
    });

  it("resets a chain through its pipe", async () => {
    const running = await start();
    const tty = await openTty();
    await tty.write(write(0xa4, ROLL_ALL));
    await tty.write(command(0x40, 2, 0));
    while (running.chainStates()[0]?.addressedChips !== 1)
      await new Promise((resolve) => setImmediate(resolve));
    writeFileSync(join(listenDir, "chain0.reset"), "0\n");
    while (running.chainStates()[0]?.isInReset !== true)
      await new Promise((resolve) => setImmediate(resolve));
    writeFileSync(join(listenDir, "chain0.reset"), "1\n");
    while (running.chainStates()[0]?.isInReset !== false)
      await new Promise((resolve) => setImmediate(resolve));
    equal(running.chainStates()[0]?.addressedChips, 0);
    await tty.close();
  });

  it("speaks over unix sockets and TCP as well", async () => {
    for (const transport of ["unix", "tcp"] as const) {
      const running = await start(transport);
      const socket =
        transport === "unix"
          ? connect(join(listenDir, "chain1.sock"))
          : connect(Number(readFileSync(join(listenDir, "chain1.port"), "utf8")), "127.0.0.1");
      socket.write(READ_IDS);
      equal((await readFrom(socket, 27)).length, 27);
      socket.destroy();
      await running.stop();
    }
  });

  it("takes faults by name, on one chain or all, and says what it has", async () => {
    await start();
    const [list, fault, state, cleared] = await control(
      { do: "list" },
      { do: "fault", name: "chipDead", chain: 0, chip: 1 },
      { do: "state" },
      { do: "clear", name: "chipDead" },
    );
    equal(list?.["ok"], true);
    ok((list["faults"] as { name: string }[]).some(({ name }) => name === "hangUp"));
    deepEqual(fault?.["chains"], [[{ name: "chipDead", parameters: { chip: 1 } }], []]);
    equal((state?.["chains"] as { chips: number }[])[1]?.chips, 3);
    deepEqual(cleared?.["chains"], [[], []]);
  });

  it("answers wrong requests with a code and goes on", async () => {
    await start();
    const answers = await control(
      { do: "fault", name: "meteor" },
      { do: "fault", name: "chipDead", chain: 7, chip: 1 },
      { do: "dance" },
      { do: "set", chain: 0 },
      { do: "set", chain: 0, railMv: 13_000 },
    );
    deepEqual(
      answers.map(({ ok: isOk, code }) => (isOk === true ? "ok" : code)),
      [
        "VIRTUAL_FAULT_UNKNOWN",
        "VIRTUAL_REQUEST_INVALID",
        "VIRTUAL_REQUEST_INVALID",
        "VIRTUAL_REQUEST_INVALID",
        "ok",
      ],
    );
  });

  it("takes the tty away while hung up and brings a new one back", async () => {
    await start();
    const tty = await openTty();
    const path = join(listenDir, "chain0.tty");
    await control({ do: "fault", name: "hangUp", chain: 0 });
    ok(!existsSync(path));
    const { bytesRead } = await tty.read(Buffer.alloc(1)).catch(() => ({ bytesRead: 0 }));
    equal(bytesRead, 0);
    await tty.close();
    await control({ do: "clear", name: "hangUp", chain: 0 });
    ok(realpathSync(path).startsWith("/dev/pts/"));
    const again = await openTty();
    await again.write(READ_IDS);
    equal((await readBytes(again, 27)).length, 27);
    await again.close();
  });

  it("records both directions in the capture format", async () => {
    await start();
    const captures = join(listenDir, "captures");
    await control({ do: "record", dir: captures });
    const tty = await openTty();
    await tty.write(READ_IDS);
    await readBytes(tty, 27);
    await tty.close();
    await control({ do: "record", dir: null });
    const lines = readFileSync(join(captures, "chain0.capture"), "utf8").trim().split("\n");
    equal(lines.shift(), "# chip=BM1370 chips=3 source=virtual");
    for (const line of lines) ok(/^\d+\.\d{6} [<>] ([0-9a-f]{2})+$/.test(line), line);
    ok(lines[0]?.endsWith(" > 55aa520500000a"));
    const answered = lines.slice(1).map((line) => line.split(" < ")[1]);
    equal(answered.join(""), ID_ANSWER.repeat(3));
  });

  it("replaces what a killed machine left, and leaves everything else alone", async () => {
    await start();
    const left = readdirSync(listenDir).sort();
    deepEqual(left, ["chain0.reset", "chain0.tty", "chain1.reset", "chain1.tty", "control.sock"]);
    await machine?.stop();
    deepEqual(readdirSync(listenDir), []);
    writeFileSync(join(listenDir, "notes.txt"), "mine");
    writeFileSync(join(listenDir, "chain0.tty"), "not a link");
    await rejects(start(), (error) => isMinerError(error, "VIRTUAL_LISTEN_FAILED"));
    deepEqual(readdirSync(listenDir).sort(), ["chain0.tty", "notes.txt"]);
  });
});
