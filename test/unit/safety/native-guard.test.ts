import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { openSync } from "node:fs";
import type { NativeGuardOptions, NativePowerGuard } from "../../../src/hal/native-guard.js";
import { offActionText } from "../../../src/hal/off-action.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { MinerError } from "../../../src/lib/errors.js";
import { createLogger } from "../../../src/lib/logger.js";
import type { CompanionProcess } from "../../../src/safety/companion-process.js";
import type { HeldLease } from "../../../src/safety/held-lease.js";
import { GUARD_LIMIT_MS, NativeGuard } from "../../../src/safety/native-guard.js";

/** The addon's class with a record of what it is told. */
class FakeNative implements NativePowerGuard {
  readonly calls: string[] = [];
  /** As readState fills it in. */
  state = [0, 0, 0, 0];
  readonly options: NativeGuardOptions;

  constructor(options: NativeGuardOptions) {
    this.options = options;
    natives.push(this);
  }
  openCompanion(): number {
    this.calls.push("openCompanion");
    return openSync("/dev/null", "r");
  }
  readState(into: Float64Array): void {
    into.set(this.state);
  }
  start = this.#note("start");
  stop = this.#note("stop");
  arm = this.#note("arm");
  feed = this.#note("feed");
  disarm = this.#note("disarm");
  trip = this.#note("trip");
  leave = this.#note("leave");
  askLease(leaseMs: number): void {
    this.calls.push(`lease ${leaseMs}`);
  }
  #note(call: string): () => void {
    return () => this.calls.push(call);
  }
}

/** A companion that does as it is told. */
class FakeCompanion implements CompanionProcess {
  end: (how: string) => void = () => undefined;
  readonly ended = new Promise<string>((resolve) => (this.end = resolve));
  isKilled = false;
  readonly #trouble: MinerError | undefined;
  constructor(trouble: MinerError | undefined) {
    this.#trouble = trouble;
    companions.push(this);
  }
  hear(): Promise<void> {
    return this.#trouble === undefined ? Promise.resolve() : Promise.reject(this.#trouble);
  }
  kill(): void {
    this.isKilled = true;
    this.end("SIGKILL");
  }
}

let natives: FakeNative[] = [];
let companions: FakeCompanion[] = [];

describe("native guard", () => {
  let clock: ManualClock;
  let trouble: MinerError | undefined;
  let guard: NativeGuard;

  beforeEach(() => {
    clock = new ManualClock();
    natives = [];
    companions = [];
    trouble = undefined;
  });

  afterEach(() => {
    guard.close();
  });

  async function open(lease?: HeldLease): Promise<FakeNative> {
    guard = await NativeGuard.open({
      addon: { PowerGuard: FakeNative },
      actions: [{ is: "file", path: "/wires/psu-enable", text: "1" }],
      start: () => new FakeCompanion(trouble),
      ...{ dataDir: "/data", priority: 51, lease, clock, log: createLogger("silent") },
    });
    return natives[0]!;
  }

  it("passes on what it is told, and tells the state", async () => {
    const native = await open();
    deepEqual(native.options, {
      limitMs: GUARD_LIMIT_MS,
      priority: 51,
      actions: ["file\t/wires/psu-enable\t1"],
    });
    deepEqual(guard.state, { is: "disarmed" });
    guard.arm();
    guard.feed();
    native.state = [1, 0, 0, 0];
    deepEqual(guard.state, { is: "armed" });
    native.state = [2, 1, 1234, 0];
    deepEqual(guard.state, { is: "tripped", cause: "unfed", atUnixMs: 1234 });
    guard.disarm();
    deepEqual(native.calls, ["start", "openCompanion", "arm", "feed", "disarm"]);
  });

  it("does not open without a companion", async () => {
    trouble = new MinerError("GUARD_UNAVAILABLE", {});
    await rejects(open(), { code: "GUARD_UNAVAILABLE" });
    deepEqual(natives[0]?.calls, ["start", "openCompanion", "stop"]);
  });

  it("starts another companion when one ends, and cuts when none can be had", async () => {
    const native = await open();
    guard.arm();
    companions[0]!.end("SIGKILL");
    await clock.advance(0);
    equal(companions.length, 2);
    equal(native.calls.includes("trip"), false);
    trouble = new MinerError("GUARD_UNAVAILABLE", {});
    companions[1]!.end("SIGKILL");
    await clock.advance(0);
    equal(native.calls.at(-1), "trip");
    throws(() => {
      guard.arm();
    }, /GUARD_UNAVAILABLE/);
    trouble = undefined;
    await clock.advance(5000);
    guard.arm();
    equal(native.calls.at(-1), "arm");
  });

  it("ends a companion that does not answer", async () => {
    const native = await open();
    native.state = [1, 0, 0, 1999];
    await clock.advance(1000);
    equal(companions[0]!.isKilled, false);
    native.state = [1, 0, 0, 2001];
    await clock.advance(1000);
    equal(companions[0]!.isKilled, true);
    equal(companions.length, 2);
  });

  it("lets the companion before it go once it is armed, and not earlier", async () => {
    const lease = new FakeLease();
    await open(lease);
    equal(lease.releases, 0);
    guard.arm();
    guard.disarm();
    equal(lease.releases, 1);
  });

  it("takes nothing over when the lease is over", async () => {
    const lease = new FakeLease();
    await open(lease);
    lease.isOver = true;
    equal(guard.state.is, "tripped");
    throws(() => {
      guard.arm();
    }, /GUARD_TRIPPED/);
    guard.disarm();
    equal(guard.state.is, "disarmed");
  });

  it("leaves the power to the companion when that says so", async () => {
    const native = await open();
    await guard.lease(12_345.6);
    guard.leave();
    deepEqual(native.calls.slice(-3), ["lease 12345", "leave", "stop"]);
  });
});

class FakeLease implements HeldLease {
  readonly leftMs = 5000;
  isOver = false;
  releases = 0;
  release(): void {
    this.releases += 1;
  }
}

describe("off actions", () => {
  it("are told as native code reads them", () => {
    deepEqual(
      [
        offActionText({ is: "line", device: "/dev/gpiochip0", offset: 31, level: 0, fd: 9 }),
        offActionText({ is: "i2c", device: "/dev/i2c-0", address: 36, bytes: Uint8Array.of(1, 0) }),
        offActionText({ is: "request", socket: "/hardware.sock", request: { do: "i2c" } }),
      ],
      [
        "line\t/dev/gpiochip0\t31\t0\t9",
        "i2c\t/dev/i2c-0\t36\t0100",
        'request\t/hardware.sock\t{"do":"i2c"}',
      ],
    );
  });
});
