import * as z from "zod/mini";
import type { Config } from "../../app/config.js";
import { MinerError } from "../../lib/errors.js";
import type { OrderName } from "../../telemetry/machine-snapshot.js";
import { shownPools } from "./pool-slots.js";

/** Documented: sheet management.md, 5.2: 0 normal, 1 sleep, 2 high, 3 low. */
const NORMAL = 0;
const SLEEP = 1;
const HIGH = 2;
const LOW = 3;
type WorkMode = typeof NORMAL | typeof SLEEP | typeof HIGH | typeof LOW;

/** Percent of the clock: nothing else is known here. */
const FREQ_LEVEL = 100;
/** Of fans that nobody holds. */
const FULL_PCT = 100;
const MOST_POOLS = 32;
/** What older pages set and this program sets elsewhere: to say yes would be a lie. */
const SET_ELSEWHERE = ["bitmain-freq", "bitmain-voltage", "bitmain-hashrate-percent"];

const Text = z.optional(z.nullable(z.string()));
/** Tools write numbers and switches either way. */
const Figure = z.optional(z.nullable(z.union([z.string(), z.number()])));
const Posted = z.looseObject({
  pools: z.optional(
    z.nullable(
      z.array(z.object({ url: Text, user: Text, pass: Text })).check(z.maxLength(MOST_POOLS)),
    ),
  ),
  "bitmain-fan-ctrl": z.optional(z.nullable(z.union([z.boolean(), z.enum(["true", "false"])]))),
  "bitmain-fan-pwm": Figure,
  "bitmain-fan-pwn": Figure,
  "miner-mode": Figure,
  "freq-level": Figure,
});
type Posted = z.infer<typeof Posted>;

type FanWish = Readonly<Record<"minDutyPct" | "maxDutyPct", number | null>>;
type ShownConfig = Pick<Config, "pools" | "cooling" | "targetMHz" | "machineSpec">;

/** What a page wants changed; undefined: it stays. */
export interface ConfWish {
  readonly pools: Posted["pools"];
  readonly fan: FanWish | undefined;
  /** Null: the machine's own clock. */
  readonly freqMHz: number | null | undefined;
  readonly order: "sleep" | "wake" | "resume" | undefined;
}

/** What get_miner_conf.cgi tells. */
export function confPage(config: ShownConfig, order: OrderName): object {
  const heldPct = heldDutyPct(config);
  return {
    pools: shownPools(config.pools),
    "bitmain-fan-ctrl": heldPct !== undefined,
    "bitmain-fan-pwm": String(heldPct ?? FULL_PCT),
    "bitmain-work-mode": String(workMode(config, order)),
    "bitmain-freq-level": String(FREQ_LEVEL),
  };
}

/**
 * What is to be done so that the machine is as the page wants it. What is there already is left alone: tools send back all
 * that they read.
 * @throws HTTP_BAD_REQUEST
 */
export function confWish(body: unknown, config: ShownConfig, order: OrderName): ConfWish {
  const parsed = Posted.safeParse(body);
  if (!parsed.success) throw wrong("body", "pools, bitmain-fan-ctrl, bitmain-fan-pwm, miner-mode");
  const posted = parsed.data;
  const elsewhere = SET_ELSEWHERE.find((key) => (posted[key] ?? null) !== null);
  if (elsewhere !== undefined) throw wrong(elsewhere, "nothing: the clock is set in the REST API");
  const level = posted["freq-level"] ?? FREQ_LEVEL;
  if (Number(level) !== FREQ_LEVEL) throw wrong("freq-level", String(FREQ_LEVEL));
  const now = workMode(config, order);
  const wanted = wantedMode(posted) ?? now;
  return {
    pools: posted.pools,
    fan: fanWish(posted, config),
    freqMHz: clockWish(config, now, wanted),
    order: orderWish(order, wanted),
  };
}

/** What holds the machine at rest is told before how fast it would be. */
function workMode({ targetMHz, machineSpec }: ShownConfig, order: OrderName): WorkMode {
  const { min, nominal, max } = machineSpec.freqMHz;
  if (order !== "mine") return SLEEP;
  if (targetMHz === min && min < nominal) return LOW;
  return targetMHz === max && max > nominal ? HIGH : NORMAL;
}

/** Undefined for what is no mode: stock machines take no notice either. */
function wantedMode({ "miner-mode": mode }: Posted): WorkMode | undefined {
  return ([NORMAL, SLEEP, HIGH, LOW] as const).find((each) => String(each) === String(mode ?? ""));
}

/** Rest and work change no clock: what the owner chose outlasts them. */
function clockWish(
  { targetMHz, machineSpec }: ShownConfig,
  now: WorkMode,
  wanted: WorkMode,
): number | null | undefined {
  const { min, max } = machineSpec.freqMHz;
  if (wanted === NORMAL && (now === LOW || now === HIGH)) return null;
  const wantedMHz = wanted === LOW ? min : wanted === HIGH ? max : targetMHz;
  return wantedMHz === targetMHz ? undefined : wantedMHz;
}

function orderWish(order: OrderName, wanted: WorkMode): ConfWish["order"] {
  if (wanted === SLEEP) return order === "mine" ? "sleep" : undefined;
  if (order === "mine") return undefined;
  return order === "asleep" ? "wake" : "resume";
}

/** Fans that a page holds run between two bounds that are one. */
function heldDutyPct({ cooling }: ShownConfig): number | undefined {
  const { minDutyPct, maxDutyPct } = cooling;
  return minDutyPct === maxDutyPct ? minDutyPct : undefined;
}

/** The owner's own bounds stay unless a page held the fans. */
function fanWish(posted: Posted, config: ShownConfig): FanWish | undefined {
  const heldPct = heldDutyPct(config);
  const switched = posted["bitmain-fan-ctrl"] ?? null;
  if (switched === null) return undefined;
  if (String(switched) === "false")
    return heldPct === undefined ? undefined : { minDutyPct: null, maxDutyPct: null };
  // Documented: MiningOS writes the new value under the misspelt name, beside the old one.
  const given = posted["bitmain-fan-pwn"] ?? posted["bitmain-fan-pwm"] ?? heldPct ?? FULL_PCT;
  const dutyPct = /^\d{1,3}$/.test(String(given)) ? Number(given) : NaN;
  if (!(dutyPct <= FULL_PCT)) throw wrong("bitmain-fan-pwm", `0 to ${FULL_PCT}`);
  return dutyPct === heldPct ? undefined : { minDutyPct: dutyPct, maxDutyPct: dutyPct };
}

function wrong(at: string, expected: string): MinerError {
  return new MinerError("HTTP_BAD_REQUEST", { at, expected });
}
