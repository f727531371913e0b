import * as z from "zod/mini";
import type { MqttCommand } from "../../app/mqtt-config.js";

/** An order as the desk takes it. */
interface DeskOrder {
  readonly name: string;
  readonly params: unknown;
}

const None = z.object({});
const OnOff = z.object({ on: z.boolean() });
const Value = z.optional(z.nullable(z.number()));
const Settings = z.strictObject({
  freq_mhz: Value,
  rail_mv: Value,
  /** Until the next start. */
  now: z.optional(z.boolean()),
});
const Pools = z.strictObject({
  pools: z.array(z.looseObject({})),
  groups: z.optional(z.array(z.unknown())),
});

type Args = Readonly<Record<string, unknown>>;

/** How each command is told to the desk; null when its arguments are wrong. */
const MAKE: Readonly<
  Record<Exclude<MqttCommand, "tele.chips">, (args: Args, revision: string) => DeskOrder | null>
> = {
  "mining.pause": plain("machine.pause"),
  "mining.resume": plain("machine.resume"),
  "mining.sleep": plain("machine.sleep"),
  "mining.wake": plain("machine.wake"),
  "mining.curtail": plain("machine.curtail"),
  "mining.set": (args) => {
    const { data } = OnOff.safeParse(args);
    return data ? { name: data.on ? "machine.resume" : "machine.pause", params: undefined } : null;
  },
  "config.set": (args) => {
    const { data } = Settings.safeParse(args);
    if (data === undefined || (data.freq_mhz === undefined && data.rail_mv === undefined))
      return null;
    const { freq_mhz: freqMHz, rail_mv: railMv, now } = data;
    const params = {
      ...(freqMHz !== undefined && { freqMHz }),
      ...(railMv !== undefined && { railMv }),
      ...(now !== undefined && { now }),
    };
    return { name: "machine.set", params };
  },
  "pools.set": (args, revision) => {
    const { data } = Pools.safeParse(args);
    return data ? { name: "pools.set", params: { ...data, revision } } : null;
  },
  "system.restart": plain("machine.restart"),
};

/** @param revision of the configuration that is to be changed */
export function deskOrder(
  name: Exclude<MqttCommand, "tele.chips">,
  args: Args,
  revision: string,
): DeskOrder | null {
  return MAKE[name](args, revision);
}

function plain(name: string): (args: Args) => DeskOrder | null {
  return (args) => (None.safeParse(args).success ? { name, params: undefined } : null);
}
