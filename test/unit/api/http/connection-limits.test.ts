import { deepEqual, equal, ok } from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { ConnectionLimits } from "../../../../src/api/http/connection-limits.js";
import { ManualClock } from "../../../../src/lib/clock.js";

describe("what an address may hold of HTTP", () => {
  const clock = new ManualClock();
  const limits = new ConnectionLimits(clock);
  const held: ServerResponse[] = [];
  const asked: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((incoming, outgoing) => {
    if (!limits.mayAsk(incoming, outgoing)) return;
    asked.push(incoming.url ?? "");
    if (incoming.url === "/held") held.push(outgoing);
    else outgoing.end("done");
  });

  before(async () => {
    server.on("connection", (socket) => {
      limits.admit(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    held.splice(0);
    asked.splice(0);
  });

  after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });

  function open(localAddress: string): {
    readonly socket: Socket;
    readonly heard: Promise<string>;
  } {
    const { port } = server.address() as AddressInfo;
    const socket = connect({ port, host: "127.0.0.1", localAddress });
    sockets.push(socket);
    let text = "";
    socket.on("data", (bytes) => (text += String(bytes)));
    socket.on("error", () => undefined);
    // It may be reset; then it has closed all the same.
    const closed = new Promise<string>((resolve) => {
      socket.on("close", () => {
        resolve(text);
      });
    });
    return { socket, heard: closed };
  }

  const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
  const last = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

  it("are sixteen connections; the next is closed, and others have room", async () => {
    const first = Array.from({ length: 16 }, () => open("127.0.0.1"));
    for (const { socket } of first) await once(socket, "connect");
    const late = open("127.0.0.1");
    late.socket.write(last);
    equal(await late.heard, "");
    const other = open("127.0.0.2");
    other.socket.write(last);
    ok((await other.heard).endsWith("done"));
    first[0]!.socket.end(last);
    ok((await first[0]!.heard).endsWith("done"));
    const again = open("127.0.0.1");
    again.socket.write(last);
    ok((await again.heard).endsWith("done"));
  });

  it("are four requests that wait on a connection; who sends more stays outside for ten seconds", async () => {
    const quiet = open("127.0.0.1");
    await once(quiet.socket, "connect");
    const { socket, heard } = open("127.0.0.1");
    socket.write(get("/held").repeat(1000));
    equal(await heard, "");
    equal(await quiet.heard, "");
    equal(asked.length, 4);
    const asks = async (from: string): Promise<string> => {
      const again = open(from);
      again.socket.write(last);
      return again.heard;
    };
    equal(await asks("127.0.0.1"), "");
    ok((await asks("127.0.0.2")).endsWith("done"));
    await clock.advance(10_000);
    ok((await asks("127.0.0.1")).endsWith("done"));
  });

  it("are no limit to one request after the other", async () => {
    const { socket, heard } = open("127.0.0.1");
    for (let count = 0; count < 20; count++) {
      socket.write(get("/"));
      await once(socket, "data");
    }
    socket.write(last);
    deepEqual((await heard).match(/done/g)?.length, 21);
  });
});
