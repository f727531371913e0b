import * as z from "zod/mini";
import { Count, header, Name, provenance, Text } from "./common.js";

/**
 * One line, however the kernel offers it: by its number in the legacy numbering of the kernel that the unit was seen
 * with, by chip label and offset (which no kernel renumbers), as a file that takes `0` and `1`, or by name where the
 * virtual machine serves it.
 */
export const Line = z.union([
  z.strictObject({ gpio: z.int().check(z.minimum(0), z.maximum(1023)) }),
  z.strictObject({ chip: Text, offset: z.int().check(z.minimum(0), z.maximum(1023)) }),
  /** Relative to the device directory. */
  z.strictObject({ file: Text }),
  z.strictObject({ virtual: Name }),
]);

/** An I2C bus: a kernel device, two lines that the addon swings, or one of the virtual machine. */
export const Bus = z.union([
  z.strictObject({ device: z.string().check(z.regex(/^i2c-\d+$/)), ...provenance }),
  z.strictObject({ scl: Line, sda: Line, ...provenance }),
  z.strictObject({ virtual: Name, ...provenance }),
]);

/** One PWM output and the fans that hang on it. */
export const FanGroup = z.strictObject({
  name: Name,
  pwm: z.union([
    z.strictObject({
      chip: z.string().check(z.regex(/^pwmchip\d+$/)),
      channel: z.int().check(z.minimum(0), z.maximum(15)),
    }),
    z.strictObject({ virtual: Name }),
  ]),
  periodNs: Count,
  /** True where a longer pulse slows the fan down. */
  inverted: z.optional(z.boolean()),
  /** Numbers of the fans, from 1, as on the label of the machine. */
  fans: z.array(Count).check(z.minLength(1)),
  ...provenance,
});

/** How the speed of one fan is read. */
export const FanTach = z.strictObject({
  fan: Count,
  tach: z.union([
    /** Falling edges are counted. */
    z.strictObject({ edges: Line }),
    /** A `capture` file gives the period of one pulse. */
    z.strictObject({
      capture: z.string().check(z.regex(/^pwmchip\d+$/)),
      channel: z.int().check(z.minimum(0), z.maximum(15)),
    }),
    z.strictObject({ virtual: Name }),
  ]),
  pulsesPerTurn: Count,
  ...provenance,
});

/** Relative to the device directory. */
const Tty = z.string().check(z.regex(/^[A-Za-z0-9._-]+$/));

export const ControlBoardFile = z.strictObject({
  ...header,
  /** True for a board without metal; only there the virtual network is allowed. */
  virtual: z.boolean(),
  /**
   * Of a virtual board whose devices are those of a kernel, as in an emulator. Left out, the virtual machine serves them.
   */
  devices: z.optional(z.literal("kernel")),
  /** Texts of which the device tree's model must contain one; nothing is driven when it does not. */
  deviceTree: z.optional(
    z.strictObject({ models: z.array(Text).check(z.minLength(1)), ...provenance }),
  ),
  /** Why no chain of this board can be driven, whatever is allowed: a transport without a driver, say. */
  notDriven: z.optional(Text),
  /** In the order of the hashboard slots. Paths are relative to the device directory. Empty where `fpga` has them. */
  chains: z.array(
    z.strictObject({
      tty: Tty,
      /** 0 holds the chain in reset, 1 lets it run. */
      reset: Line,
      /** 1 when a hashboard is plugged in. */
      present: z.optional(Line),
    }),
  ),
  /** Chains whose UARTs sit in an FPGA. */
  fpga: z.optional(
    z.strictObject({
      /** In the order of the hashboard slots, with the lines that are not registers. */
      chains: z
        .array(z.strictObject({ reset: z.optional(Line), present: z.optional(Line) }))
        .check(z.minLength(1)),
      /** Byte offsets by what they do. */
      registers: z.optional(z.record(Name, z.int().check(z.minimum(0)))),
      ...provenance,
    }),
  ),
  /** Of ttys, reset and plug lines, and of their order. */
  chainFacts: z.strictObject({
    ...provenance,
    /** Which slot hangs on which tty is disputed: it is found out with one hashboard out of reset at a time. */
    orderDisputed: z.optional(z.boolean()),
    /** Further ttys that sources name for a slot; they are asked as well when the order is found out. */
    otherTtys: z.optional(z.array(z.strictObject({ tty: Tty, ...provenance }))),
  }),
  /** Opens the output of the supply. */
  psuEnable: z.optional(z.strictObject({ line: Line, onLevel: z.literal([0, 1]), ...provenance })),
  /** `boards`: hashboards and their sensors; `psu`: the supply. */
  buses: z.optional(z.strictObject({ boards: z.optional(Bus), psu: z.optional(Bus) })),
  fanGroups: z.optional(z.array(FanGroup)),
  tachs: z.optional(z.array(FanTach)),
  /** Other lines of the board by what they do: led-red, button-recovery, ... */
  lines: z.optional(z.record(Name, z.strictObject({ line: Line, ...provenance }))),
  watchdog: z.optional(
    z.strictObject({ device: Text, timeoutS: z.optional(Count), ...provenance }),
  ),
});

export type Line = z.infer<typeof Line>;
export type Bus = z.infer<typeof Bus>;
export type FanGroup = z.infer<typeof FanGroup>;
export type FanTach = z.infer<typeof FanTach>;
export type ControlBoardFile = z.infer<typeof ControlBoardFile>;
