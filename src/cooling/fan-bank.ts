import { withDeadline } from "../hal/with-deadline.js";
import type { PwmOutput, Tach } from "../hal/fan-hardware.js";
import type { Clock } from "../lib/clock.js";
import { MinerError } from "../lib/errors.js";
import { errorOf, findingOf, type Finding } from "../lib/finding.js";
import type { FanFact } from "../safety/rail-facts.js";
import { fanFinding } from "../safety/rail-rules.js";

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
  readonly clock: Clock;
}

export interface FanSnapshot {
  readonly fan: number;
  readonly rpm: number | null;
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
  readAtMs: number | undefined;
  goodAtMs: number | undefined;
  trouble: Finding | undefined;
}

/** All fans of the machine: one duty for all, and the speed of each. Closing it leaves them as they are. */
export class FanBank {
  readonly #options: FanBankOptions;
  readonly #states = new Map<number, FanState>();
  #dutyPct: number | undefined;

  constructor(options: FanBankOptions) {
    this.#options = options;
    for (const { fan } of options.tachs) {
      const unknown = { rpm: undefined, readAtMs: undefined, goodAtMs: undefined };
      this.#states.set(fan, { ...unknown, trouble: undefined });
    }
  }

  get needed(): number {
    return this.#options.needed;
  }

  /**
   * Sets every group; one that fails does not keep the others from being set. Three tries each.
   * @throws PWM_FAILED, FIELD_INVALID
   */
  async setAll(dutyPct: number): Promise<void> {
    this.#dutyPct = dutyPct;
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
    const { clock, needed, tachs, minRpm } = this.#options;
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
    return [...this.#states].map(([fan, { rpm, goodAtMs }]) => ({
      fan,
      rpm,
      goodAgeS: goodAtMs === undefined ? Infinity : (nowMs - goodAtMs) / 1000,
    }));
  }

  snapshot(): FanBankSnapshot {
    const nowMs = this.#options.clock.nowMs();
    const { needed, minRpm } = this.#options;
    const fans = [...this.#states].map(([fan, { rpm, readAtMs, trouble }]) => ({
      fan,
      rpm: rpm ?? null,
      ageS: readAtMs === undefined ? null : (nowMs - readAtMs) / 1000,
      isGood: rpm !== undefined && rpm >= minRpm,
      trouble: trouble ?? null,
    }));
    return { dutyPct: this.#dutyPct ?? null, needed, fans };
  }

  async #readOne({ fan, tach }: FanTachInput): Promise<void> {
    const { clock, minRpm } = this.#options;
    const state = this.#states.get(fan);
    if (state === undefined) return;
    const late = (): MinerError => new MinerError("TACH_FAILED", { fan, reason: "no answer" });
    try {
      // One try: the next round is the next one.
      const rpm = await withDeadline(tach.readRpm(), clock, TACH_LIMIT_MS, late);
      state.rpm = rpm;
      state.readAtMs = clock.nowMs();
      state.trouble = undefined;
      if (rpm >= minRpm) state.goodAtMs = state.readAtMs;
    } catch (error) {
      state.rpm = undefined;
      state.trouble = findingOf(error, { fan }, "TACH_FAILED");
    }
  }
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
