import { deepEqual, equal, ok } from "node:assert/strict";
import { ManualClock, type Clock } from "../../../src/lib/clock.js";
import { MinerError } from "../../../src/lib/errors.js";
import { createLogger } from "../../../src/lib/logger.js";
import type { Guard, GuardState } from "../../../src/safety/guard.js";
import type { RailFacts } from "../../../src/safety/rail-facts.js";
import { RailInterlock } from "../../../src/safety/rail-interlock.js";
import { RAIL_RULES } from "../../../src/safety/rail-rules.js";
import { goodFacts, LIMITS, outlet } from "./good-facts.js";
import { MemoryTripLog } from "./memory-trip-log.js";
import { CASES, type Case } from "./rule-cases.js";

const LIMIT_MS = 500;
/** Longer than any rule waits since the output was switched on. */
const RUNNING_MS = 130_000;

/** A guard whose state a test sets; it cuts nothing. */
class SetGuard implements Guard {
  state: GuardState = { is: "disarmed" };

  arm(): void {
    this.state = { is: "armed" };
  }

  feed(): void {
    return;
  }

  disarm(): void {
    this.state = { is: "disarmed" };
  }
}

/** A rail that is on, or was long ago, with all well so far. */
class TimedRail {
  readonly clock = new ManualClock();
  readonly guard = new SetGuard();
  readonly trips = new MemoryTripLog();
  readonly driven: { readonly isOn: boolean; readonly atMs: number }[] = [];
  facts: RailFacts = goodFacts({ poweredSlots: [0, 2], temperatures: BOTH });
  /** Time in which the event loop does nothing. */
  #stalledMs = 0;
  #interlock: RailInterlock | undefined;

  get interlock(): RailInterlock {
    ok(this.#interlock !== undefined);
    return this.#interlock;
  }

  async run(isOn: boolean): Promise<void> {
    const { clock, guard, trips } = this;
    const late: Clock = {
      nowMs: () => clock.nowMs() + this.#stalledMs,
      unixMs: () => clock.unixMs(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
      after: (ms, callback) => clock.after(ms, callback),
    };
    const output = {
      ...{ name: "enable", limitMs: 200 },
      set: (on: boolean) => {
        this.driven.push({ isOn: on, atMs: clock.nowMs() });
        return Promise.resolve();
      },
    };
    this.#interlock = await RailInterlock.open({
      ...{ switch: output, guard, trips, limits: LIMITS, facts: () => this.facts },
      ...{ clock: late, log: createLogger("silent") },
    });
    if (isOn) await this.interlock.switchOn();
    await clock.advance(RUNNING_MS);
    this.driven.length = 0;
  }

  /** Now it is as `facts` say; also what the interlock knows by itself. */
  break(facts: RailFacts): void {
    // A second board that is well, so that one board is not the last.
    const { poweredSlots, temperatures } = facts;
    const isWhole = poweredSlots.length === 0 || temperatures.some(({ slot }) => slot !== 0);
    this.facts = isWhole
      ? facts
      : { ...facts, poweredSlots: [...poweredSlots, 2], temperatures: [...temperatures, BOTH[1]!] };
    if (facts.guard.is === "tripped") this.guard.state = facts.guard;
    this.#stalledMs = facts.loopLagMs;
  }
}

const BOTH = [outlet(), outlet({ slot: 2 })];

describe("time from a broken rule to the switch", () => {
  let rail: TimedRail;

  beforeEach(() => {
    rail = new TimedRail();
  });

  afterEach(() => {
    rail.interlock.close();
  });

  /** The worst moment: right after a look. */
  async function trip({ facts }: Case, isOn: boolean): Promise<number> {
    await rail.run(isOn);
    await rail.clock.advance(1);
    const startMs = rail.clock.nowMs();
    rail.break(facts);
    await rail.clock.advance(2000);
    const off = rail.driven.find((each) => !each.isOn);
    ok(off !== undefined, "the switch was not driven");
    return off.atMs - startMs;
  }

  for (const rule of RAIL_RULES.filter(({ action }) => action !== "warn"))
    for (const one of CASES[rule.name]!.trips) {
      if (one.isOnlyBefore === true) continue;
      const isOff = one.moment === "off";
      it(`${rule.name}: ${one.title}`, async () => {
        const tookMs = await trip(one, !isOff);
        // Nobody needs to hurry where the switch is off already.
        ok(tookMs <= (isOff ? 1000 : LIMIT_MS), `${tookMs} ms`);
        equal(rail.interlock.trip?.code, one.code);
        const [record] = rail.trips.list();
        deepEqual([record?.code, record?.action, record?.cleared], [one.code, "cut", null]);
        ok(record?.facts !== null);
      });
    }

  for (const rule of RAIL_RULES.filter(({ action }) => action === "warn"))
    for (const one of CASES[rule.name]!.trips)
      it(`${rule.name} is told and cuts nothing: ${one.title}`, async () => {
        await rail.run(true);
        rail.break(one.facts);
        await rail.clock.advance(2000);
        deepEqual(rail.driven, []);
        deepEqual(
          rail.interlock.warnings.map(({ code }) => code),
          [one.code],
        );
        deepEqual(rail.trips.list(), []);
      });

  for (const rule of RAIL_RULES.filter(({ action }) => action === "isolate"))
    it(`${rule.name}: power stays on when the board is out in time`, async () => {
      const one = CASES[rule.name]!.trips.find(({ code }) => code !== "BOARD_MISSING")!;
      await rail.run(true);
      const asked: number[] = [];
      rail.interlock.events.on("isolate", (slot) => {
        asked.push(slot);
        rail.clock.after(299, () => {
          const left = rail.facts.poweredSlots.filter((each) => each !== slot);
          rail.facts = { ...rail.facts, poweredSlots: left };
        });
      });
      rail.break(one.facts);
      await rail.clock.advance(2000);
      equal(asked.length, 1);
      deepEqual(rail.driven, []);
      const [record] = rail.trips.list();
      deepEqual([record?.code, record?.action, record?.slot], [one.code, "isolate", asked[0]]);
    });

  it("is none when the last board would have to go", async () => {
    await rail.run(true);
    const asked: number[] = [];
    rail.interlock.events.on("isolate", (slot) => asked.push(slot));
    rail.facts = goodFacts({
      poweredSlots: [0, 1],
      temperatures: [outlet({ ageS: 6 }), outlet({ slot: 1, ageS: 6 })],
    });
    await rail.clock.advance(20);
    deepEqual(asked, []);
    equal(rail.interlock.isOn, false);
  });

  it("does not feed the guard while a board is on its way out", async () => {
    await rail.run(true);
    let feeds = 0;
    rail.guard.feed = () => {
      feeds += 1;
    };
    rail.facts = goodFacts({
      poweredSlots: [0, 1],
      temperatures: [outlet({ ageS: 6 }), outlet({ slot: 1 })],
    });
    await rail.clock.advance(299);
    equal(feeds, 0);
  });

  it("clears the record of a cut when power is permitted again, or by its owner", async () => {
    await rail.run(true);
    rail.facts = goodFacts({ fans: [] });
    await rail.clock.advance(100);
    rail.facts = goodFacts();
    rail.interlock.clearTrip("owner");
    await rail.interlock.switchOn();
    equal(rail.trips.list()[0]?.cleared?.by, "owner");
    rail.facts = goodFacts({ fans: [] });
    await rail.clock.advance(100);
    rail.facts = goodFacts();
    rail.interlock.clearTrip();
    equal(rail.trips.list()[1]?.cleared?.by, "rule");
  });

  it("remembers what the machine failed of while power was on", async () => {
    await rail.run(true);
    rail.interlock.note(new MinerError("CHAIN_SILENT", {}));
    await rail.interlock.switchOff("CHAIN_SILENT");
    rail.interlock.note(new MinerError("BOARD_MISSING", {}));
    deepEqual(
      rail.trips.list().map(({ code, by }) => [code, by]),
      [["CHAIN_SILENT", "part"]],
    );
  });

  it("keeps power from depending on records", async () => {
    await rail.run(true);
    rail.trips.record = () => {
      throw new Error("disk");
    };
    rail.facts = goodFacts({ fans: [] });
    await rail.clock.advance(100);
    equal(rail.interlock.isOn, false);
    equal(rail.interlock.trip?.code, "FAN_MISSING");
  });
});
