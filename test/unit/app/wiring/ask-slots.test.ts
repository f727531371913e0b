import { deepEqual, equal, rejects } from "node:assert/strict";
import {
  askSlots,
  type ListenerOf,
  type SlotAnswers,
} from "../../../../src/app/wiring/ask-slots.js";
import type { RegisterAnswer } from "../../../../src/hal/chain-port.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { MinerError } from "../../../../src/lib/errors.js";

const ID = 0x1368_0000;

/** Boards behind reset lines, each on a tty; what is done to them goes to the log. */
class Machine {
  readonly log: string[] = [];
  readonly inReset: boolean[];
  /** Reads that are lost before one is answered. */
  lostReads = 0;
  idWord = ID;
  readonly #ttyOf: readonly string[];

  constructor(ttyOf: readonly string[]) {
    this.#ttyOf = ttyOf;
    this.inReset = ttyOf.map(() => true);
  }

  reset(slot: number): { setReset: (asserted: boolean) => Promise<void> } {
    return {
      setReset: (asserted) => {
        this.inReset[slot] = asserted;
        this.log.push(`${asserted ? "hold" : "free"} ${slot}`);
        return Promise.resolve();
      },
    };
  }

  tty(name: string): ListenerOf {
    return {
      setBaud: (baud) => this.#note(`${name} at ${baud}`),
      setResponseLength: (length) => this.#note(`${name} length ${length}`),
      readRegister: () => {
        const slot = this.#ttyOf.indexOf(name);
        if (this.inReset[slot] !== false) return Promise.resolve([]);
        if (this.lostReads-- > 0) return Promise.resolve([]);
        const answer = { chipAddress: 0, register: 0, value: this.idWord, atUs: 0 };
        return Promise.resolve<RegisterAnswer[]>([answer, answer]);
      },
    };
  }

  #note(what: string): Promise<void> {
    this.log.push(what);
    return Promise.resolve();
  }
}

async function ask(
  machine: Machine,
  groups: readonly (readonly [number, readonly number[]])[],
  ttys: readonly string[],
  signal = new AbortController().signal,
): Promise<SlotAnswers> {
  const clock = new ManualClock();
  const asked = askSlots({
    slots: new Map(groups.map(([slot, all]) => [slot, all.map((each) => machine.reset(each))])),
    ttys: new Map(ttys.map((tty) => [tty, machine.tty(tty)])),
    ...{ chips: 2, clock, signal },
  });
  const settled = asked.then(
    (answers) => ({ answers }),
    (error: unknown) => ({ error }),
  );
  for (let step = 0; step < 20; step++) await clock.advance(1000);
  const outcome = await settled;
  if ("error" in outcome) throw outcome.error;
  return outcome.answers;
}

describe("asking slots on which tty they hang", () => {
  const ALONE = [
    [0, [0]],
    [1, [1]],
  ] as const;

  it("lets one slot out of reset at a time, at the rate of chips after a reset", async () => {
    const machine = new Machine(["b", "a"]);
    deepEqual(
      [...(await ask(machine, ALONE, ["a", "b", "c"]))],
      [
        [0, ["b"]],
        [1, ["a"]],
      ],
    );
    deepEqual(machine.log.slice(0, 2), ["a at 115200", "a length 9"]);
    deepEqual(machine.log.slice(6), ["hold 0", "free 0", "hold 0", "hold 1", "free 1", "hold 1"]);
  });

  it("believes silence after three reads only", async () => {
    const machine = new Machine(["a"]);
    machine.lostReads = 2;
    deepEqual([...(await ask(machine, [[0, [0]]], ["a"]))], [[0, ["a"]]]);
    machine.lostReads = 3;
    deepEqual([...(await ask(machine, [[0, [0]]], ["a"]))], [[0, []]]);
  });

  it("hears chips of another family and no noise", async () => {
    const machine = new Machine(["a"]);
    machine.idWord = 0x1398_0000;
    deepEqual([...(await ask(machine, [[0, [0]]], ["a"]))], [[0, ["a"]]]);
    machine.idWord = 0x5513_6800;
    deepEqual([...(await ask(machine, [[0, [0]]], ["a"]))], [[0, []]]);
  });

  it("tells every tty that answers beside a reset line that is stuck", async () => {
    const machine = new Machine(["a", "b"]);
    machine.inReset[1] = false;
    deepEqual([...(await ask(machine, [[0, [0]]], ["a", "b"]))], [[0, ["a", "b"]]]);
  });

  it("frees those that must leave reset together", async () => {
    const machine = new Machine(["b", "none"]);
    deepEqual([...(await ask(machine, [[0, [0, 1]]], ["a", "b"]))], [[0, ["b"]]]);
    deepEqual(machine.log.slice(-6), ["hold 0", "hold 1", "free 0", "free 1", "hold 0", "hold 1"]);
  });

  it("ends with the reason of its signal", async () => {
    const machine = new Machine(["a"]);
    const stop = new AbortController();
    stop.abort(new MinerError("CHAIN_CLOSED", {}));
    await rejects(ask(machine, [[0, [0]]], ["a"], stop.signal), { code: "CHAIN_CLOSED" });
    equal(machine.inReset[0], true);
  });
});
