import { withDeadline } from "../hal/with-deadline.js";
import type { PwmOutput, Tach } from "../hal/fan-hardware.js";
import type { Clock } from "../lib/clock.js";
import { MinerError } from "../lib/errors.js";
import { errorOf, findingOf, type Finding } from "../lib/finding.js";
import type { ExpectedRpm, FanFact } from "../safety/rail-facts.js";
import { fanFinding } from "../safety/rail-rules.js";
import { DutyMemory, FOLLOW_MS } from "./duty-memory.js";
import { expectedRpm } from "./fan-speed.js";

/** Fans reach their speed in a few seconds; the vendor's tool waits up to 46. Inferred. */
const PROVE_LIMIT_MS = 15_000;
const PROVE_PAUSE_MS = 250;
/** Counting edges takes up to a second; what takes longer does not come. */
const TACH_LIMIT_MS = 3000;
/** Tries to set a duty: a fan that stands is found by its tach, so the signal is not worth more. */
const PWM_TRIES = 3;
/** Where the machine's data has no speed: slower than this a fan counts as standing. Documented: S17-era miner. */
export const ALIVE_RPM = 500;

/** One signal and the fans that hang on it. */
export interface FanGroupOutput {
  readonly name: string;
  readonly output: PwmOutput;
  readonly fans: readonly number[];
}

export interface FanTachInput {
  readonly fan: number;
  readonly tach: Tach;
}

export interface FanBankOptions {
  readonly groups: readonly FanGroupOutput[];
  readonly tachs: readonly FanTachInput[];
  /** Fans that must turn; 0 for liquid cooling. There may be more tachs than fans. */
  readonly needed: number;
  /** Speed at full duty below which a fan counts as broken. */
  readonly minRpm: number;
  /** The fastest that fans of such a machine were seen at full duty; undefined where nobody knows. */
  readonly maxRpm?: number | undefined;
  readonly clock: Clock;
}

export interface FanSnapshot {
  readonly fan: number;
  readonly rpm: number | null;
  /** What a good one may show at its duty. */
  readonly leastRpm: number;
  readonly mostRpm: number | null;
  /** Of the last reading that was had. */
  readonly ageS: number | null;
  readonly isGood: boolean;
  readonly trouble: Finding | null;
}

export interface FanBankSnapshot {
  /** What was set last; null before. */
  readonly dutyPct: number | null;
  readonly needed: number;
  readonly fans: readonly FanSnapshot[];
}

interface FanState {
  rpm: number | undefined;
  /** At the duty of the last reading. */
  expected: ExpectedRpm;
  /** What it showed at full duty, given time. */
  fullRpm: number | undefined;
  readAtMs: number | undefined;
  goodAtMs: number | undefined;
  trouble: Finding | undefined;
}

/** All fans of the machine: one duty for all, and the speed of each. They keep their duty when the program ends. */
export class FanBank {
  readonly #options: FanBankOptions;
  readonly #states = new Map<number, FanState>();
  readonly #duties = new DutyMemory();
  #fullSinceMs: number | undefined;
  #proofs = 0;

  constructor(options: FanBankOptions) {
    this.#options = options;
    for (const { fan } of options.tachs) {
      const unknown = { rpm: undefined, readAtMs: undefined, goodAtMs: undefined };
      const expected = this.#expected(undefined);
      this.#states.set(fan, { ...unknown, expected, fullRpm: undefined, trouble: undefined });
    }
  }

  get needed(): number {
    return this.#options.needed;
  }

  /** They are being proven: the duty is not to be touched. */
  get isProving(): boolean {
    return this.#proofs > 0;
  }

  /** As many fans as are needed were at full duty long enough to show how fast they are. */
  get areLearnt(): boolean {
    const learnt = [...this.#states.values()].filter(({ fullRpm }) => fullRpm !== undefined);
    return learnt.length >= this.#options.needed;
  }

  /**
   * Sets every group; one that fails does not keep the others from being set. Three tries each.
   * @throws PWM_FAILED, FIELD_INVALID
   */
  async setAll(dutyPct: number): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    this.#duties.told(dutyPct, nowMs);
    this.#fullSinceMs = dutyPct === 100 ? (this.#fullSinceMs ?? nowMs) : undefined;
    const outcomes = await Promise.allSettled(
      this.#options.groups.map(({ output }) => setOne(output, dutyPct)),
    );
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }

  /** Reads every tach once. Fans that cannot be read are told in the snapshot and are no longer proven. */
  async readRpm(): Promise<void> {
    await Promise.all(this.#options.tachs.map((each) => this.#readOne(each)));
  }

  /**
   * Full duty, and every fan that the machine needs faster than its least speed, within fifteen seconds.
   * @throws FAN_MISSING, FAN_SLOW with the number of the fan; PWM_FAILED; HARDWARE_MISSING with fewer tachs than fans
   */
  async prove(signal?: AbortSignal): Promise<void> {
    this.#proofs += 1;
    try {
      await this.#prove(signal);
    } finally {
      this.#proofs -= 1;
    }
  }

  async #prove(signal?: AbortSignal): Promise<void> {
    const { clock, needed, tachs, minRpm } = this.#options;
    // Learnt anew: what a tach said while it lied must not keep a good fan from being good.
    for (const state of this.#states.values()) state.fullRpm = undefined;
    await this.setAll(100);
    if (tachs.length < needed)
      throw new MinerError("HARDWARE_MISSING", { missing: "tachs", tachs: tachs.length, needed });
    const endMs = clock.nowMs() + PROVE_LIMIT_MS;
    for (;;) {
      signal?.throwIfAborted();
      await this.readRpm();
      const slow = this.facts().filter(({ rpm }) => rpm === undefined || rpm < minRpm);
      const lacking = needed - (tachs.length - slow.length);
      if (lacking <= 0) return;
      if (clock.nowMs() >= endMs) throw errorOf(missedFan(slow, lacking, minRpm));
      await clock.sleep(PROVE_PAUSE_MS, signal);
    }
  }

  /** For the permit. */
  facts(): readonly FanFact[] {
    const nowMs = this.#options.clock.nowMs();
    return [...this.#states].map(([fan, { rpm, expected, goodAtMs }]) => ({
      fan,
      rpm,
      expectedRpm: expected,
      goodAgeS: goodAtMs === undefined ? Infinity : (nowMs - goodAtMs) / 1000,
    }));
  }

  snapshot(): FanBankSnapshot {
    const nowMs = this.#options.clock.nowMs();
    const { needed } = this.#options;
    const fans = [...this.#states].map(([fan, { rpm, expected, readAtMs, trouble }]) => ({
      fan,
      rpm: rpm ?? null,
      leastRpm: expected.leastRpm,
      mostRpm: expected.mostRpm ?? null,
      ageS: readAtMs === undefined ? null : (nowMs - readAtMs) / 1000,
      isGood: isWithin(rpm, expected),
      trouble: trouble ?? null,
    }));
    return { dutyPct: this.#duties.lastPct ?? null, needed, fans };
  }

  async #readOne({ fan, tach }: FanTachInput): Promise<void> {
    const { clock } = this.#options;
    const state = this.#states.get(fan);
    if (state === undefined) return;
    const late = (): MinerError => new MinerError("TACH_FAILED", { fan, reason: "no answer" });
    try {
      // One try: the next round is the next one.
      const rpm = await withDeadline(tach.readRpm(), clock, TACH_LIMIT_MS, late);
      state.rpm = rpm;
      state.readAtMs = clock.nowMs();
      state.trouble = undefined;
      this.#learn(state, rpm);
      state.expected = this.#expected(state.fullRpm);
      if (rpm >= state.expected.leastRpm) state.goodAtMs = state.readAtMs;
    } catch (error) {
      state.rpm = undefined;
      state.trouble = findingOf(error, { fan }, "TACH_FAILED");
    }
  }

  #learn(state: FanState, rpm: number): void {
    const { clock, minRpm } = this.#options;
    const isFull =
      this.#fullSinceMs !== undefined && clock.nowMs() - this.#fullSinceMs >= FOLLOW_MS;
    if (isFull && rpm >= minRpm) state.fullRpm = Math.max(rpm, state.fullRpm ?? 0);
  }

  #expected(fullRpm: number | undefined): ExpectedRpm {
    const { minRpm, maxRpm, clock } = this.#options;
    return expectedRpm({ minRpm, maxRpm, fullRpm }, this.#duties.range(clock.nowMs()));
  }
}

function isWithin(rpm: number | undefined, { leastRpm, mostRpm = Infinity }: ExpectedRpm): boolean {
  return rpm !== undefined && rpm >= leastRpm && rpm <= mostRpm;
}

/** Of more tachs than fans some have no fan: the fastest of those that are too slow are the ones that are missed. */
function missedFan(slow: readonly FanFact[], lacking: number, minRpm: number): Finding {
  const fastestFirst = slow.toSorted((one, other) => (other.rpm ?? 0) - (one.rpm ?? 0));
  const worst = fastestFirst.slice(0, lacking).at(-1);
  if (worst === undefined) throw new MinerError("INTERNAL", { fans: slow.length, lacking });
  return fanFinding(worst, minRpm);
}

async function setOne(output: PwmOutput, dutyPct: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await output.setDutyPct(dutyPct);
      return;
    } catch (error) {
      if (attempt >= PWM_TRIES) throw error;
    }
  }
}
