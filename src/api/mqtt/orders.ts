import * as z from "zod/mini";
import type { MqttCommand } from "../../app/mqtt-config.js";

/** An order as the desk takes it. */
interface DeskOrder {
  readonly name: string;
  readonly params: unknown;
}

type Args = Readonly<Record<string, unknown>>;
type Make = (args: Args) => DeskOrder | null;

/** A support bundle goes over the same link as everything else: ask the machine itself for a larger one. */
const USUAL_BUNDLE_BYTES = 256 * 1024;
const MAX_BUNDLE_BYTES = 1024 * 1024;

const None = z.object({});
const Numbered = z.optional(z.number());
const Flag = z.optional(z.boolean());
/** Null: the machine's own. */
const Value = z.optional(z.nullable(z.number()));
const Settings = z.strictObject({
  ...{ freq_mhz: Value, rail_mv: Value, power_limit_w: Value },
  /** Until the next start. */
  now: Flag,
});
const Bundle = z.strictObject({
  max_bytes: z.optional(z.int().check(z.maximum(MAX_BUNDLE_BYTES))),
});

/** How each command is told to the desk; null when its arguments are wrong. The desk judges their values. */
const MAKE: Readonly<Record<Exclude<MqttCommand, "tele.chips">, Make>> = {
  "mining.pause": made(None, () => order("machine.pause")),
  "mining.resume": made(None, () => order("machine.resume")),
  "mining.sleep": made(None, () => order("machine.sleep")),
  "mining.wake": made(None, () => order("machine.wake")),
  "mining.curtail": made(
    z.strictObject({ to_w: Numbered, wait_s: Numbered }),
    ({ to_w: toW, wait_s: waitS }) => order("machine.curtail", { toW, waitS }),
  ),
  "mining.set": made(z.object({ on: z.boolean() }), ({ on }) =>
    order(on ? "machine.resume" : "machine.pause"),
  ),
  "config.set": made(Settings, ({ now, ...points }) =>
    Object.values(points).every((value) => value === undefined)
      ? null
      : order("machine.set", {
          ...{ freqMHz: points.freq_mhz, railMv: points.rail_mv, powerW: points.power_limit_w },
          now,
        }),
  ),
  "power.set": made(z.strictObject({ w: z.nullable(z.number()), now: Flag }), ({ w, now }) =>
    order("machine.set", { powerW: w, now }),
  ),
  "pools.set": made(
    z.strictObject({ pools: z.array(z.looseObject({})), groups: z.optional(z.array(z.unknown())) }),
    (pools) => order("pools.set", pools),
  ),
  locate: made(z.strictObject({ on: Flag, s: Numbered }), ({ on, s: seconds }) =>
    order("machine.locate", { on, seconds }),
  ),
  "system.restart": made(None, () => order("machine.restart")),
  "system.reboot": made(None, () => order("system.reboot")),
  "system.logs": made(
    z.strictObject({ last: Numbered, since: Numbered, level: z.optional(z.string()) }),
    ({ last, since: sinceUnixMs, level }) => order("logs", { last, sinceUnixMs, level }),
  ),
  "system.support": made(Bundle, ({ max_bytes: maxBytes = USUAL_BUNDLE_BYTES }) =>
    order("support.bundle", { maxBytes }),
  ),
};

export function deskOrder(name: Exclude<MqttCommand, "tele.chips">, args: Args): DeskOrder | null {
  return MAKE[name](args);
}

function made<Wish>(schema: z.ZodMiniType<Wish>, make: (wish: Wish) => DeskOrder | null): Make {
  return (args) => {
    const parsed = schema.safeParse(args);
    return parsed.success ? make(parsed.data) : null;
  };
}

/** What was not said is not told. */
function order(name: string, params: Args = {}): DeskOrder {
  const said = Object.entries(params).filter(([, value]) => value !== undefined);
  return { name, params: Object.fromEntries(said) };
}
