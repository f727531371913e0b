import * as z from "zod/mini";
import type { MqttCommand } from "../../app/mqtt-config.js";

/** An order as the desk takes it. */
interface DeskOrder {
  readonly name: string;
  readonly params: unknown;
}

type Args = Readonly<Record<string, unknown>>;

/** What a command takes, and how it is told to the desk; null when its arguments do not fit. */
interface Form {
  readonly args: z.ZodMiniType;
  readonly order: (args: Args) => DeskOrder | null;
}

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
const Cooling = z.strictObject({
  ...{ target_c: Value, min_duty_pct: Value, max_duty_pct: Value },
  now: Flag,
});
const Bundle = z.strictObject({
  max_bytes: z.optional(z.int().check(z.maximum(MAX_BUNDLE_BYTES))),
});

/** The desk judges the values. */
const FORMS: Readonly<Record<Exclude<MqttCommand, "tele.chips">, Form>> = {
  "mining.pause": form(None, () => order("machine.pause")),
  "mining.resume": form(None, () => order("machine.resume")),
  "mining.sleep": form(None, () => order("machine.sleep")),
  "mining.wake": form(None, () => order("machine.wake")),
  "mining.curtail": form(
    z.strictObject({ to_w: Numbered, wait_s: Numbered }),
    ({ to_w: toW, wait_s: waitS }) => order("machine.curtail", { toW, waitS }),
  ),
  "mining.set": form(z.object({ on: z.boolean() }), ({ on }) =>
    order(on ? "machine.resume" : "machine.pause"),
  ),
  "config.set": form(Settings, ({ now, ...points }) =>
    changing("machine.set", now, {
      ...{ freqMHz: points.freq_mhz, railMv: points.rail_mv, powerW: points.power_limit_w },
    }),
  ),
  "power.set": form(z.strictObject({ w: z.nullable(z.number()), now: Flag }), ({ w, now }) =>
    changing("machine.set", now, { powerW: w }),
  ),
  "cooling.set": form(Cooling, ({ now, ...wishes }) =>
    changing("cooling.set", now, {
      ...{ targetC: wishes.target_c, minDutyPct: wishes.min_duty_pct },
      maxDutyPct: wishes.max_duty_pct,
    }),
  ),
  "pools.set": form(
    z.strictObject({ pools: z.array(z.looseObject({})), groups: z.optional(z.array(z.unknown())) }),
    (pools) => order("pools.set", pools),
  ),
  locate: form(z.strictObject({ on: Flag, s: Numbered }), ({ on, s: seconds }) =>
    order("machine.locate", { on, seconds }),
  ),
  "system.restart": form(None, () => order("machine.restart")),
  "system.reboot": form(None, () => order("system.reboot")),
  "system.upgrade": form(
    z.strictObject({ url: z.string(), downgrade: Flag, reboot: Flag }),
    (wish) => order("update.install", wish),
  ),
  "system.logs": form(
    z.strictObject({ last: Numbered, since: Numbered, level: z.optional(z.string()) }),
    ({ last, since: sinceUnixMs, level }) => order("logs", { last, sinceUnixMs, level }),
  ),
  "system.support": form(Bundle, ({ max_bytes: maxBytes = USUAL_BUNDLE_BYTES }) =>
    order("support.bundle", { maxBytes }),
  ),
};

export function deskOrder(name: Exclude<MqttCommand, "tele.chips">, args: Args): DeskOrder | null {
  return FORMS[name].order(args);
}

/** `args` of each command, as JSON schemas. */
export function argumentSchemas(): Readonly<Record<string, object>> {
  return Object.fromEntries(
    Object.entries(FORMS).map(([name, { args }]) => [name, z.toJSONSchema(args, { io: "input" })]),
  );
}

function form<Wish>(args: z.ZodMiniType<Wish>, make: (wish: Wish) => DeskOrder | null): Form {
  return {
    args,
    order: (given) => {
      const parsed = args.safeParse(given);
      return parsed.success ? make(parsed.data) : null;
    },
  };
}

/** Null where nothing is to be changed. */
function changing(name: string, now: boolean | undefined, wishes: Args): DeskOrder | null {
  const isSaid = Object.values(wishes).some((wish) => wish !== undefined);
  return isSaid ? order(name, { ...wishes, now }) : null;
}

/** What was not said is not told. */
function order(name: string, params: Args = {}): DeskOrder {
  const said = Object.entries(params).filter(([, value]) => value !== undefined);
  return { name, params: Object.fromEntries(said) };
}
