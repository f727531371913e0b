import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AnswerBook } from "../../../../src/app/commands/answer-book.js";
import type { CommandAnswer } from "../../../../src/app/commands/command-answer.js";
import { CommandDesk } from "../../../../src/app/commands/command-desk.js";
import {
  onceCommand,
  plainCommand,
  type CommandEntry,
} from "../../../../src/app/commands/command-entry.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { MinerError } from "../../../../src/lib/errors.js";

const DAY_MS = 24 * 60 * 60 * 1000;

describe("answers that outlive the process", () => {
  let folder: string;
  let path: string;
  let clock: ManualClock;
  let troubles: string[];
  let done: string[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-answers-"));
    path = join(folder, "answers.json");
    clock = new ManualClock();
    troubles = [];
    done = [];
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** As after a start; nothing of the one before is ended in order. */
  async function open(): Promise<CommandDesk> {
    const onTrouble = (error: MinerError): void => void troubles.push(error.code);
    const book = await AnswerBook.open({ path, clock, onTrouble });
    const act =
      (name: string, result?: unknown): (() => unknown) =>
      () => {
        done.push(name);
        return result;
      };
    const commands: Record<string, CommandEntry> = {
      stop: plainCommand("operate", act("stop", { tookMs: 2 })),
      list: plainCommand("operate", act("list", "x".repeat(5000))),
      look: plainCommand("read", act("look")),
      refuse: plainCommand("operate", () => {
        done.push("refuse");
        throw new MinerError("COMMAND_REFUSED", { state: "off", slot: null });
      }),
      // Whatever happens behind it: the file is what the next process finds.
      restart: onceCommand("operate", () => {
        done.push(
          `restart ${readFileSync(path, "utf8").includes('"accepted":true') ? "kept" : ""}`,
        );
        return { keepsPower: true };
      }),
      cannot: onceCommand("operate", () => {
        throw new MinerError("REBOOT_UNAVAILABLE", { reason: "test" });
      }),
    };
    const journal = { command: () => undefined };
    return new CommandDesk({
      commands,
      scopes: { mqtt: ["operate", "read"] },
      journal,
      book,
      clock,
    });
  }

  function give(
    desk: CommandDesk,
    name: string,
    id = "1",
    isRepeatable = true,
  ): Promise<CommandAnswer> {
    const by = { way: "mqtt", who: "a" } as const;
    return desk.give({ id, name, params: undefined, by, expiresUnixMs: null, isRepeatable });
  }

  it("are given again after a kill, as repeats and without a second effect", async () => {
    const desk = await open();
    const stopped = await give(desk, "stop");
    const refused = await give(desk, "refuse", "2");
    const next = await open();
    deepEqual(await give(next, "stop"), { ...stopped, isRepeat: true });
    deepEqual(await give(next, "refuse", "2"), { ...refused, isRepeat: true });
    deepEqual([done, troubles], [["stop", "refuse"], []]);
    const reused = await give(next, "refuse", "1");
    equal(reused.is === "refused" && reused.code, "COMMAND_ID_REUSED");
  });

  it("of what must not be done twice are on the disk before it is done", async () => {
    deepEqual(await give(await open(), "restart"), {
      ...{ id: "1", is: "done", result: { keepsPower: true } },
    });
    deepEqual(await give(await open(), "restart"), {
      ...{ id: "1", is: "done", result: { accepted: true }, isRepeat: true },
    });
    deepEqual(done, ["restart kept"]);
  });

  it("say that it was refused where it could not be done", async () => {
    await give(await open(), "cannot");
    const again = await give(await open(), "cannot");
    equal(again.is === "refused" && again.code, "REBOOT_UNAVAILABLE");
  });

  it("are forgotten after a day, and the oldest of too many", async () => {
    await give(await open(), "stop");
    await clock.advance(DAY_MS);
    await give(await open(), "stop");
    equal(done.length, 2);
    const desk = await open();
    for (let each = 2; each <= 65; each += 1) await give(desk, "stop", String(each));
    const next = await open();
    await give(next, "stop", "2");
    equal(done.length, 66);
    await give(next, "stop", "1");
    equal(done.length, 67);
  });

  it("stay small: long results are kept as nothing, and what nobody can repeat not at all", async () => {
    const desk = await open();
    await give(desk, "list");
    await give(desk, "look", "2");
    await give(desk, "stop", "3", false);
    ok(statSync(path).size < 1024);
    deepEqual(await give(await open(), "list"), {
      ...{ id: "1", is: "done", result: null, isRepeat: true },
    });
  });

  it("that cannot be read are told and set aside", async () => {
    writeFileSync(path, "{");
    await give(await open(), "stop");
    deepEqual([done, troubles], [["stop"], ["STATE_UNREADABLE"]]);
  });

  it("are refused for another revision of the configuration", async () => {
    let revision = "a";
    const journal = { command: () => undefined };
    const commands = { stop: plainCommand("operate", () => done.push("stop")) };
    const desk = new CommandDesk({
      ...{ commands, scopes: { http: ["operate"] }, journal, clock, revision: () => revision },
    });
    const ask = (id: string): Promise<CommandAnswer> =>
      desk.give({
        ...{ id, name: "stop", params: {}, expiresUnixMs: null, ifRevision: "a" },
        by: { way: "http", who: "" },
      });
    equal((await ask("1")).is, "done");
    revision = "b";
    const other = await ask("2");
    equal(other.is === "refused" && other.code, "CONFIG_CHANGED");
    // What was done in time stays done.
    equal((await ask("1")).is, "done");
    deepEqual(done, ["stop"]);
  });
});
