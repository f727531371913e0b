import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askController } from "../../../../src/api/control/control-client.js";
import {
  controlSocketPath,
  ControlServer,
  type ControlHandlers,
} from "../../../../src/api/control/control-server.js";
import { MinerError } from "../../../../src/lib/errors.js";
import { createLogger } from "../../../../src/lib/logger.js";

const log = createLogger("silent");

describe("control socket", () => {
  let folder: string;
  let dataDir: string;
  const servers: ControlServer[] = [];
  const raw: Server[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-control-"));
    dataDir = join(folder, "data");
  });

  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
    for (const server of raw.splice(0)) server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function serve(handlers: ControlHandlers = {}): Promise<void> {
    const server = await ControlServer.start(dataDir, log);
    servers.push(server);
    server.serve(handlers);
  }

  it("answers a request with what the handler gives", async () => {
    await serve({ echo: (params) => ({ params }) });
    deepEqual(await askController(dataDir, "echo", { a: 1 }), { params: { a: 1 } });
  });

  it("lets only its owner connect", async () => {
    await serve();
    equal(statSync(controlSocketPath(dataDir)).mode & 0o777, 0o600);
    equal(statSync(dataDir).mode & 0o777, 0o700);
  });

  it("passes on the code and the facts of a handler's error", async () => {
    await serve({
      fail: () => {
        throw new MinerError("CHAIN_BROKEN", { chip: 3 });
      },
    });
    await rejects(askController(dataDir, "fail"), { code: "CHAIN_BROKEN", context: { chip: 3 } });
  });

  it("lives on when what a handler gives is no JSON", async () => {
    await serve({ count: () => ({ shares: 1n }), status: () => "fine" });
    await rejects(askController(dataDir, "count"), { code: "CONTROL_REFUSED" });
    equal(await askController(dataDir, "status"), "fine");
  });

  it("refuses a method that it does not have, and names those that it has", async () => {
    await serve({ status: () => ({}) });
    for (const method of ["mine", "toString"])
      await rejects(askController(dataDir, method), {
        code: "CONTROL_REFUSED",
        context: { method, expected: "status" },
      });
  });

  it("says that nobody answers when there is no socket", async () => {
    await rejects(askController(dataDir, "status"), { code: "CONTROL_UNREACHABLE" });
  });

  it("says that nobody answers when the other end goes away without a word", async () => {
    await serve();
    await servers.pop()?.stop();
    const silent = createServer((socket) => socket.destroy());
    raw.push(silent);
    silent.listen(controlSocketPath(dataDir));
    await once(silent, "listening");
    await rejects(askController(dataDir, "status"), { code: "CONTROL_UNREACHABLE" });
  });

  it("answers a line that is no request and goes on", async () => {
    await serve({ status: () => ({ fine: true }) });
    const [answer] = await exchange("not json\n");
    deepEqual(JSON.parse(answer ?? ""), {
      id: null,
      error: { code: "CONTROL_REFUSED", context: { reason: "not JSON" } },
    });
    for (const line of ["null\n", "[]\n", "7\n", '{"id":"x","method":5}\n'])
      ok((await exchange(line))[0]?.includes("CONTROL_REFUSED"), line);
    deepEqual(await askController(dataDir, "status"), { fine: true });
  });

  it("survives clients that go away in the middle", async () => {
    await serve({ status: () => ({ text: "x".repeat(1 << 20) }) });
    for (let client = 0; client < 20; client++) {
      const socket = connect(controlSocketPath(dataDir));
      await once(socket, "connect");
      socket.write('{"id":1,"method":"status"}\n{"id":2,"method":"sta');
      socket.destroy();
    }
    ok(await askController(dataDir, "status"));
  });

  it("replaces the socket that a killed controller left behind", async () => {
    await serve();
    // A socket whose listener is gone: what is left when a process is killed.
    await servers.pop()?.stop();
    writeFileSync(controlSocketPath(dataDir), "");
    await serve({ status: () => 1 });
    equal(await askController(dataDir, "status"), 1);
  });

  it("answers who asks early once it can", async () => {
    const server = await ControlServer.start(dataDir, log);
    servers.push(server);
    const early = askController(dataDir, "status");
    server.serve({ status: () => Promise.resolve(1) });
    equal(await early, 1);
  });

  it("refuses a data directory in which a controller answers", async () => {
    await serve({ status: () => 1 });
    await rejects(ControlServer.start(dataDir, log), {
      code: "DATA_DIR_IN_USE",
      context: { dataDir },
    });
    equal(await askController(dataDir, "status"), 1);
  });

  /** What comes back for raw bytes, up to the first line end. */
  async function exchange(bytes: string): Promise<string[]> {
    const socket = connect(controlSocketPath(dataDir));
    await once(socket, "connect");
    socket.write(bytes);
    const [answer] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    return answer.toString().trimEnd().split("\n");
  }
});
