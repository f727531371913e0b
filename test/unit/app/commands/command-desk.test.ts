import { deepEqual, equal } from "node:assert/strict";
import * as z from "zod/mini";
import type { CommandAnswer } from "../../../../src/app/commands/command-answer.js";
import { CommandDesk, type CommandRequest } from "../../../../src/app/commands/command-desk.js";
import { command, plainCommand } from "../../../../src/app/commands/command-entry.js";
import { mqttScopes } from "../../../../src/app/commands/mqtt-scopes.js";
import { socketHandlers } from "../../../../src/app/commands/socket-door.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { isMinerError } from "../../../../src/lib/errors.js";

const DAY_MS = 24 * 60 * 60 * 1000;

describe("the desk for commands", () => {
  let clock: ManualClock;
  let done: string[];
  let written: string[];
  let desk: CommandDesk;

  beforeEach(() => {
    clock = new ManualClock(1_750_000_000_000);
    done = [];
    written = [];
    desk = open();
  });

  function open(): CommandDesk {
    return new CommandDesk({
      commands: {
        look: plainCommand("read", () => done.length),
        stop: plainCommand("operate", () => {
          done.push("stop");
          return Promise.resolve(done.length);
        }),
        fail: plainCommand("operate", () => {
          done.push("fail");
          throw new TypeError("broken");
        }),
        set: command("configure", z.strictObject({ to: z.number() }), "to", ({ to }) =>
          done.push(`to ${to}`),
        ),
      },
      scopes: {
        socket: ["read", "operate", "configure"],
        mqtt: mqttScopes({ commands: ["mining.pause"] }),
      },
      journal: {
        command: (what, by, facts, error) => {
          written.push(`${what} ${by} ${String(facts["commandId"])} ${error?.code ?? "done"}`);
        },
      },
      clock,
    });
  }

  function give(name: string, request: Partial<CommandRequest> = {}): Promise<CommandAnswer> {
    const by = { way: "socket", who: "" } as const;
    return desk.give({ id: "1", name, params: undefined, by, expiresUnixMs: null, ...request });
  }

  async function codeOf(answer: Promise<CommandAnswer>): Promise<string> {
    const given = await answer;
    return given.is === "refused" ? given.code : given.is;
  }

  it("gives the same id the same answer, without a second effect, also while the first runs", async () => {
    const twice = await Promise.all([give("stop"), give("stop")]);
    deepEqual(
      [...twice, await give("stop")].map((each) => each.is === "done" && each.result),
      [1, 1, 1],
    );
    deepEqual([done, written], [["stop"], ["stop control socket 1 done"]]);
  });

  it("remembers failures as well", async () => {
    equal(await codeOf(give("fail")), "INTERNAL");
    equal(await codeOf(give("fail")), "INTERNAL");
    deepEqual(done, ["fail"]);
  });

  it("refuses another command with a known id, and other parameters", async () => {
    await give("set", { params: { to: 1 } });
    equal(await codeOf(give("set", { params: { to: 2 } })), "COMMAND_ID_REUSED");
    equal(await codeOf(give("stop")), "COMMAND_ID_REUSED");
    deepEqual(done, ["to 1"]);
  });

  it("keeps the ids of two ways apart", async () => {
    await give("stop");
    await give("stop", { by: { way: "mqtt", who: "a" } });
    deepEqual(written, ["stop control socket 1 done", "stop mqtt a 1 done"]);
  });

  it("forgets an id after a day, and the oldest of too many", async () => {
    await give("stop");
    await clock.advance(DAY_MS - 1);
    await give("stop");
    equal(done.length, 1);
    await clock.advance(1);
    await give("stop");
    equal(done.length, 2);
    for (let each = 2; each <= 257; each += 1) await give("stop", { id: String(each) });
    await give("stop", { id: "2" });
    equal(done.length, 258);
    await give("stop");
    equal(done.length, 259);
  });

  it("refuses what has expired, and obeys until then", async () => {
    const now = clock.unixMs();
    equal(await codeOf(give("stop", { expiresUnixMs: now })), "COMMAND_EXPIRED");
    deepEqual(done, []);
    equal(await codeOf(give("stop", { expiresUnixMs: now + 1 })), "done");
    await clock.advance(5);
    // It was done in time, and is not refused afterwards.
    equal(await codeOf(give("stop", { expiresUnixMs: now + 1 })), "done");
    deepEqual(done, ["stop"]);
  });

  it("does not judge expiry by a clock that is not set", async () => {
    clock = new ManualClock(5000);
    desk = open();
    equal(await codeOf(give("stop", { expiresUnixMs: 1000 })), "done");
  });

  it("holds each way to what it may do", async () => {
    const by = { way: "mqtt", who: "a" } as const;
    equal(await codeOf(give("stop", { by })), "done");
    equal(await codeOf(give("set", { by, id: "2", params: { to: 1 } })), "COMMAND_DENIED");
    equal(await codeOf(give("look", { by, id: "3" })), "COMMAND_DENIED");
    equal(await codeOf(give("stop", { by: { way: "http", who: "" } })), "COMMAND_DENIED");
    deepEqual(done, ["stop"]);
  });

  it("refuses unknown names and wrong parameters, and writes it down", async () => {
    equal(await codeOf(give("toString")), "CONTROL_REFUSED");
    for (const params of [{}, { to: "1" }, { to: 1, more: 2 }, 7, "x", []])
      equal(await codeOf(give("set", { params })), "CONTROL_REFUSED");
    equal(await codeOf(give("stop", { params: { now: true } })), "CONTROL_REFUSED");
    deepEqual([done, written.length], [[], 8]);
  });

  it("answers questions each time anew and writes none of them down", async () => {
    deepEqual(await give("look"), { id: "1", is: "done", result: 0 });
    await give("stop");
    deepEqual(await give("look"), { id: "1", is: "done", result: 1 });
    equal(written.length, 1);
  });

  describe("behind the control socket", () => {
    it("obeys orders without an id each time, with one once", async () => {
      const { stop } = socketHandlers(desk);
      for (const order of [undefined, undefined, "a", "a"]) await stop?.(undefined, { order });
      equal(done.length, 3);
    });

    it("throws what the desk refuses with", async () => {
      const error: unknown = await socketHandlers(desk)
        ["stop"]?.(undefined, { expiresUnixMs: 1 })
        .catch((thrown: unknown) => thrown);
      equal(isMinerError(error, "COMMAND_EXPIRED"), true);
    });
  });
});
