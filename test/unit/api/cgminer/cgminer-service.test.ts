import { equal, match, ok } from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import fc from "fast-check";
import type { CgminerService } from "../../../../src/api/cgminer/cgminer-service.js";
import { startCgminer } from "../../../../src/api/cgminer/start-cgminer.js";
import { Cgminer } from "../../../../src/app/cgminer-config.js";
import { loadDrivenMachine } from "../../../../src/boards/load-machine.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { TypedEmitter } from "../../../../src/lib/events.js";
import { createLogger } from "../../../../src/lib/logger.js";
import type { History } from "../../../../src/telemetry/history.js";
import { pool, snapshot } from "../../commands/watch-snapshot.js";
import { FakeDesk } from "./fake-desk.js";

const SPEC = loadDrivenMachine("s19k-pro");
const POOL = pool("first", { sessions: 1, dropped: 0 });

describe("port of the API of cgminer", () => {
  const log = createLogger("silent");
  let clock: ManualClock;
  let desk: FakeDesk;
  let service: CgminerService | undefined;
  let port: number;
  const sockets: Socket[] = [];

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await service?.stop();
    service = undefined;
  });

  async function start(fields: object = {}): Promise<void> {
    clock = new ManualClock();
    desk = new FakeDesk();
    const latest = snapshot([], [POOL], {
      lifetime: { verifiedDifficulty: 0 } as never,
      supply: null,
    });
    const history = { latest, events: new TypedEmitter() } as unknown as History;
    const parts = { spec: SPEC, history, desk, clock, log };
    // A port that is free now; somebody else may take it in between.
    for (let attempt = 0; service === undefined && attempt < 5; attempt++) {
      port = 20_000 + Math.floor(Math.random() * 30_000);
      const cgminer = Cgminer.parse({ port, listen: "127.0.0.1", ...fields });
      service = await startCgminer({ cgminer, ...parts });
    }
    ok(service !== undefined);
  }

  /** Everything that comes until the end. */
  function open(): { readonly socket: Socket; readonly answer: Promise<string> } {
    const socket = connect({ port, host: "127.0.0.1" });
    sockets.push(socket);
    let text = "";
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      text += String(chunk);
    });
    return { socket, answer: once(socket, "close").then(() => text) };
  }

  async function ask(bytes: string | Uint8Array): Promise<string> {
    const { socket, answer } = open();
    socket.end(bytes);
    return answer;
  }

  /** Moves time until the promise is settled: nothing here waits for the clock of the computer. */
  async function inTime<Value>(promise: Promise<Value>, stepMs: number): Promise<Value> {
    const state = { isSettled: false };
    void promise.finally(() => {
      state.isSettled = true;
    });
    while (!state.isSettled) await clock.advance(stepMs);
    return promise;
  }

  it("answers one request, ends it with one zero byte and closes", async () => {
    await start();
    const text = await ask('{"command": "version"}');
    match(text, /^\{.*"Type":"Antminer S19k Pro".*\}\0$/);
    equal(text.split("\0").length, 2);
    match(await ask("version"), /^STATUS=S,When=\d+,Code=22,.*\|\0$/);
  });

  it("does not wait for an end that JSON has already", async () => {
    await start();
    const { socket, answer } = open();
    socket.write('{"command":');
    await once(socket, "ready");
    socket.write('"asccount"}');
    match(await answer, /"ASCS"/);
  });

  it("answers what there is after a second to who sends slowly", async () => {
    await start();
    const { socket, answer } = open();
    socket.write('{"command":"version"');
    match(await inTime(answer, 100), /"Code":23/);
    const silent = open();
    equal(await inTime(silent.answer, 100), "");
  });

  it("closes without a byte for who is not on the list", async () => {
    await start({ allow: "W:192.0.2.5" });
    equal(await ask("version"), "");
  });

  it("orders with the list, and not without", async () => {
    await start();
    match(await ask("pause"), /Code=45/);
    equal(desk.heard.length, 0);
    await service?.stop();
    service = undefined;
    await start({ allow: "W:127.0.0.1" });
    match(await ask("pause"), /Code=406/);
    equal(desk.heard[0]?.by.who, "127.0.0.1");
  });

  it("serves 16 of one address at once, and tells others that there are too many", async () => {
    await start();
    const held = Array.from({ length: 16 }, open);
    for (const { socket } of held) await once(socket, "ready");
    for (const { socket } of held) socket.write("{");
    const late = await inTime(ask('{"command":"version"}'), 0);
    match(late, /"Code":404/);
    for (const { socket } of held) socket.end('"command":"asccount"}');
    for (const { answer } of held) match(await answer, /"Code":104/);
    match(await ask('{"command":"version"}'), /"Code":22/);
  });

  it("holds answers back when more is asked than it has time for", async () => {
    await start();
    const first = Array.from({ length: 50 }, () => ask("asccount"));
    for (const answer of await Promise.all(first)) match(answer, /Code=(104|404)/);
    const beforeMs = clock.nowMs();
    for (let more = 0; more < 40; more++) match(await inTime(ask("asccount"), 5), /Code=104/);
    ok(clock.nowMs() - beforeMs > 50, "nobody had to wait");
  });

  it("lives through 64 kB of anything, and does nothing of it", async () => {
    await start();
    match(await inTime(ask("x".repeat(65_536)), 5), /Code=14/);
    match(await inTime(ask(`{"command":"${"x".repeat(65_536)}`), 5), /"Code":23/);
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc
        .tuple(
          fc.constantFrom("switchpool", "pause", "quit", "addpool", "curtail", "stats+pause"),
          fc.constantFrom("|", '","parameter":"', "\0", "\n", "+"),
          fc.string({ maxLength: 40 }),
          fc.boolean(),
        )
        .map(([name, glue, rest, isJson]) =>
          Buffer.from(isJson ? `{"command":"${name}${glue}${rest}"}` : `${name}${glue}${rest}`),
        ),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (request) => {
        const text = await inTime(ask(request), 20);
        ok(text === "" || text.endsWith("\0"), text);
      }),
      { numRuns: 300 },
    );
    equal(desk.heard.length, 0);
    match(await inTime(ask("version"), 20), /Code=22/);
  });

  it("is not there when it is off, or the port is taken", async () => {
    await start();
    const parts = { spec: SPEC, desk, clock, log };
    const history = { latest: snapshot([], []), events: new TypedEmitter() } as unknown as History;
    const on = Cgminer.parse({ port, listen: "127.0.0.1" });
    equal(await startCgminer({ cgminer: { ...on, on: false }, history, ...parts }), undefined);
    equal(await startCgminer({ cgminer: undefined, history, ...parts }), undefined);
    const other = snapshot([], [POOL], { lifetime: { verifiedDifficulty: 0 } as never });
    const taken = { latest: other, events: new TypedEmitter() } as unknown as History;
    equal(await startCgminer({ cgminer: on, history: taken, ...parts }), undefined);
  });
});
