import * as z from "zod/mini";
import type { MqttCommand } from "../../app/mqtt-config.js";

/** Below the size that a broker has to take. Sheet management.md, 8.2: 64 KB, with what stands around it. */
const MAX_LOG_BYTES = 48 * 1024;

const Known = z.object({ value: z.nullable(z.number()), evidence: z.string() });
/** Of a curtailment to off there is nothing that is held. */
const Watts = z.object({
  watts: z.object({
    before: Known,
    held: z.object({ targetW: z.number(), isReached: z.boolean(), after: Known }),
  }),
});
const Points = z.object({
  freqMHz: z.number(),
  railMv: z.nullable(z.number()),
  powerW: z.nullish(z.number()),
});
const Cooled = z.object({
  targetC: z.nullable(z.number()),
  minDutyPct: z.number(),
  maxDutyPct: z.number(),
  dutyPct: z.number(),
});
const Located = z.object({
  isOn: z.boolean(),
  endsUnixMs: z.nullable(z.number()),
  evidence: z.string(),
});
const Logs = z.object({ lines: z.array(z.unknown()) });

type Data = Readonly<Record<string, unknown>>;

/** What a result says of its own command, in the names of MQTT; undefined where `code` says all. */
export function answerData(name: MqttCommand, result: unknown): Data | undefined {
  switch (name) {
    case "mining.curtail":
      return wattsData(result);
    case "config.set":
    case "power.set":
      return pointsData(result);
    case "cooling.set":
      return coolingData(result);
    case "locate":
      return locateData(result);
    case "system.logs":
      return logData(result);
    default:
      return undefined;
  }
}

function wattsData(result: unknown): Data | undefined {
  const { data } = Watts.safeParse(result);
  if (data === undefined) return undefined;
  const { before, held } = data.watts;
  const { targetW, isReached, after } = held;
  return {
    ...{ target_w: targetW, reached: isReached },
    ...{ w_before: before.value, w_before_is: before.evidence },
    ...{ w_after: after.value, w_after_is: after.evidence },
  };
}

function pointsData(result: unknown): Data | undefined {
  const { data } = Points.safeParse(result);
  if (data === undefined) return undefined;
  const { freqMHz, railMv, powerW } = data;
  return { freq_mhz: freqMHz, rail_mv: railMv, power_limit_w: powerW ?? null };
}

function coolingData(result: unknown): Data | undefined {
  const { data } = Cooled.safeParse(result);
  if (data === undefined) return undefined;
  const { targetC, minDutyPct, maxDutyPct, dutyPct } = data;
  const set = { target_c: targetC, min_duty_pct: minDutyPct, max_duty_pct: maxDutyPct };
  return { ...set, duty_pct: Math.round(dutyPct) };
}

function locateData(result: unknown): Data | undefined {
  const { data } = Located.safeParse(result);
  return data && { on: data.isOn, ends: data.endsUnixMs, evidence: data.evidence };
}

/** The newest that fit; `cut` says that older ones were left out. */
function logData(result: unknown): Data | undefined {
  const { data } = Logs.safeParse(result);
  if (data === undefined) return undefined;
  let bytes = 0;
  const lines = data.lines.toReversed().filter((line) => {
    bytes += Buffer.byteLength(JSON.stringify(line)) + 1;
    return bytes <= MAX_LOG_BYTES;
  });
  return { lines: lines.reverse(), cut: lines.length < data.lines.length };
}
