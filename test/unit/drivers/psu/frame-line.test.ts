import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import {
  FrameLine,
  type FrameLineOptions,
  type FrameTiming,
} from "../../../../src/drivers/psu/frame-line.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { isMinerError, MinerError } from "../../../../src/lib/errors.js";
import { createLogger } from "../../../../src/lib/logger.js";
import { inTime, type Mishap, ScriptedSupply } from "./scripted-supply.js";

const TIMING: FrameTiming = { replyWaitMs: 300, afterMs: 100, tries: 3 };
const TYPE = { command: 0x02, replyBytes: [2] };
const WRITE_MS = 86;
const READ_MS = 117;

interface Rig {
  readonly clock: ManualClock;
  readonly bus: ScriptedSupply;
  readonly line: FrameLine;
}

function rig(mishaps: readonly Mishap[] = [], options: Partial<FrameLineOptions> = {}): Rig {
  const clock = new ManualClock();
  const register = options.way?.register ?? 0x11;
  const version = options.way?.version ?? 1;
  const bus = new ScriptedSupply({ clock, register, version, replies: { 2: [0x71, 0x00] } });
  bus.mishaps = [...mishaps];
  const line = new FrameLine({
    bus,
    address: 0x10,
    way: { version: 1, register: 0x11 },
    timing: TIMING,
    clock,
    log: createLogger("silent"),
    ...options,
  });
  return { clock, bus, line };
}

describe("line of frames to a supply", () => {
  it("waits before the reply and after the round", async () => {
    const { clock, bus, line } = rig();
    let doneMs = 0;
    void line.ask(TYPE).then(() => {
      doneMs = clock.nowMs();
    });
    await clock.advance(6 * WRITE_MS + 299);
    equal(bus.transfers.length, 6);
    await clock.advance(1 + READ_MS);
    equal(bus.transfers.length, 7);
    await clock.advance(7 * READ_MS + 99);
    equal(bus.transfers.length, 14);
    equal(doneMs, 0);
    await clock.advance(1);
    equal(doneMs, 6 * WRITE_MS + 300 + 8 * READ_MS + 100);
  });

  const SURVIVED: readonly Mishap[] = [
    "late",
    "refuse",
    "refuseYetApply",
    "dropByte",
    "swapSum",
    "otherCommand",
    "nack",
  ];
  for (const mishap of SURVIVED) {
    it(`sends the whole request again after "${mishap}"`, async () => {
      const { clock, bus, line } = rig([mishap]);
      deepEqual([...(await inTime(clock, line.ask(TYPE)))], [0x71, 0x00]);
      equal(bus.requests, 2);
    });

    // A supply that is always late has the reply to the request before.
    const isEverLate = mishap === "late";
    it(`${isEverLate ? "gets its answer" : "gives up"} when "${mishap}" happens each time`, async () => {
      const { clock, bus, line } = rig([mishap, mishap, mishap]);
      const work = inTime(clock, line.ask(TYPE));
      if (isEverLate) deepEqual([...(await work)], [0x71, 0x00]);
      else await rejects(work, (error) => isMinerError(error, "PSU_NO_ANSWER"));
      equal(bus.requests, isEverLate ? 2 : 3);
    });
  }

  it("does not read on where the supply has nothing to say", async () => {
    const { clock, bus, line } = rig(["refuse", "refuse", "refuse"]);
    const reply = await inTime(clock, line.request(TYPE));
    deepEqual(reply, { ok: false, refusal: "refused", wasSent: true });
    equal(bus.transfers.filter(({ is }) => is === "read").length, 3);
  });

  it("tells a request that was never taken from one without an answer", async () => {
    const { clock, line } = rig(["nack", "nack", "nack"]);
    const reply = await inTime(clock, line.request(TYPE));
    deepEqual(reply, { ok: false, refusal: "nack", wasSent: false });
  });

  it("tries as often as a request says", async () => {
    const { clock, bus, line } = rig(["refuse", "refuse", "refuse"]);
    await rejects(inTime(clock, line.ask({ ...TYPE, tries: 1 })));
    equal(bus.requests, 1);
  });

  it("throws what keeps the bus from working, after its tries", async () => {
    const { clock, bus, line } = rig();
    let calls = 0;
    bus.write = () => {
      calls += 1;
      return Promise.reject(new MinerError("I2C_BUS_STUCK", {}));
    };
    await rejects(inTime(clock, line.ask(TYPE)), (error) => isMinerError(error, "I2C_BUS_STUCK"));
    equal(calls, 3);
  });

  it("never lets two rounds interleave", async () => {
    const { clock, bus, line } = rig();
    const set = { command: 0x83, payload: Uint8Array.of(9, 0), replyBytes: [2] };
    const results = await inTime(
      clock,
      Promise.all([line.ask(TYPE), line.ask(set), line.ask(TYPE)]),
    );
    deepEqual(
      results.map((payload) => [...payload]),
      [
        [0x71, 0],
        [9, 0],
        [0x71, 0],
      ],
    );
    const kinds = bus.transfers.map(({ is }) => (is === "write" ? "w" : "r")).join("");
    equal(kinds, ["w".repeat(6), "w".repeat(8), "w".repeat(6)].join("r".repeat(8)) + "r".repeat(8));
  });

  it("goes on with the next round after one that failed", async () => {
    const { clock, line } = rig(["refuse", "refuse", "refuse"]);
    const [first, second] = await inTime(
      clock,
      Promise.allSettled([line.ask(TYPE), line.ask(TYPE)]),
    );
    equal(first.status, "rejected");
    equal(second.status, "fulfilled");
  });

  it("takes only lengths that the command has", async () => {
    const { clock, line } = rig();
    const reply = await inTime(clock, line.request({ ...TYPE, replyBytes: [8] }));
    equal(!reply.ok && reply.refusal, "length");
    const either = await inTime(clock, line.request({ ...TYPE, replyBytes: [2, 8] }));
    ok(either.ok);
  });

  it("stops in a round when it is told to, and leaves no half request behind", async () => {
    const { clock, bus, line } = rig();
    const stop = new AbortController();
    const work = line.ask({ ...TYPE, signal: stop.signal });
    const ended = rejects(work, /enough/);
    await clock.advance(3 * WRITE_MS);
    stop.abort(new Error("enough"));
    await clock.advance(4 * WRITE_MS);
    await ended;
    deepEqual(
      bus.transfers.map(({ data }) => data),
      [0x55, 0xaa, 4, 2, 6, 0],
    );
    deepEqual([...(await inTime(clock, line.ask(TYPE)))], [0x71, 0x00]);
  });

  it("speaks version 2", async () => {
    const { clock, line } = rig([], { way: { version: 2, register: 0x11 } });
    deepEqual([...(await inTime(clock, line.ask(TYPE)))], [0x71, 0x00]);
  });

  it("sends one 04 first and reads without a register where register 0x00 carries frames", async () => {
    const { clock, bus, line } = rig([], { way: { version: 1, register: 0x00 } });
    await inTime(clock, line.ask(TYPE));
    await inTime(clock, line.ask(TYPE));
    deepEqual(
      bus.transfers.filter(({ is }) => is === "write").map(({ data }) => data),
      [0x04, ...[0x55, 0xaa, 4, 2, 6, 0], ...[0x55, 0xaa, 4, 2, 6, 0]],
    );
    ok(
      bus.transfers.every(({ is, register }) =>
        is === "write" ? register === 0 : register === undefined,
      ),
    );
  });
});
