import * as z from "zod/mini";
import { CHIP_NAMES, SENSOR_PARTS } from "../names.js";
import { Count, header, I2cAddress, Name, provenance, Text } from "./common.js";

const ChipIndex = z.int().check(z.minimum(0), z.maximum(255));

/** One temperature sensor of each board of this type. */
export const Sensor = z.strictObject({
  part: z.enum(SENSOR_PARTS),
  /** What it sits at: inlet, outlet, chip, ... unique on the board. */
  place: Name,
  at: z.union([
    /** On the control board's bus for hashboards; one address for each slot, in their order. */
    z.strictObject({
      bus: z.literal("boards"),
      addresses: z.array(I2cAddress).check(z.minLength(1)),
    }),
    /** On the bus behind the board controller. */
    z.strictObject({ bus: z.literal("controller"), address: I2cAddress }),
    /** On the I2C master of one chip. */
    z.strictObject({ bus: z.literal("chip"), chip: ChipIndex, address: I2cAddress }),
  ]),
  /** The remote diode of the part is read, not its own die. */
  remoteDiode: z.optional(z.boolean()),
  /** Added to what the part says, in degrees. */
  offsetC: z.optional(z.number()),
  ...provenance,
});

export const HashboardFile = z.strictObject({
  ...header,
  /** What the EEPROM of such a board may call it. */
  boardNames: z.optional(
    z.strictObject({ names: z.array(Text).check(z.minLength(1)), ...provenance }),
  ),
  /** What one chip is; `hashUnits` counts the working ones. */
  chip: z.strictObject({
    model: z.enum(CHIP_NAMES),
    cores: Count,
    hashUnits: Count,
    ...provenance,
  }),
  chain: z.strictObject({
    chips: Count.check(z.maximum(256)),
    domains: Count,
    chipsPerDomain: Count,
    /** Distance of two neighbours' addresses. */
    addressStep: Count.check(z.maximum(256)),
    /** Each domain has a regulator of its own. Left out where they stack in series, as on every board known. */
    regulatedDomains: z.optional(z.literal(true)),
    ...provenance,
  }),
  /** What the stock firmware writes to the hash counting number register. */
  hashCountingNumber: z.optional(z.strictObject({ value: Count, ...provenance })),
  /**
   * The board's own controller. `probe`: some units have one and some do not, so it is asked for its version.
   * `address` is that of slot 0; each next slot has the next.
   */
  controller: z.optional(
    z.strictObject({
      kind: z.enum(["none", "framed", "s9", "probe"]),
      address: z.optional(I2cAddress),
      ...provenance,
    }),
  ),
  sensors: z.optional(z.array(Sensor)),
  /** Identity memory; `address` is that of slot 0. */
  eeprom: z.optional(
    z.strictObject({ part: z.literal("at24c02"), address: I2cAddress, ...provenance }),
  ),
  /** A regulator on the board makes the chips' voltage: PMBus, at `address`. */
  regulator: z.optional(
    z.strictObject({ part: z.literal("tps546"), address: I2cAddress, ...provenance }),
  ),
  /** A fan controller on the board. */
  fanController: z.optional(
    z.strictObject({ part: z.literal("emc2101"), address: I2cAddress, ...provenance }),
  ),
});

export type Sensor = z.infer<typeof Sensor>;
export type HashboardFile = z.infer<typeof HashboardFile>;
