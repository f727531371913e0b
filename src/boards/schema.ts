import * as z from "zod/mini";
import { EVIDENCE } from "../lib/evidence.js";
import { BRING_UP_NAMES, CHIP_NAMES } from "./names.js";

/** File names and references: lower case, digits and dashes. */
const Name = z.string().check(z.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/));
const Positive = z.number().check(z.positive());
const Count = z.int().check(z.minimum(1));
const Celsius = z.number().check(z.minimum(-40), z.maximum(150));
const MilliVolts = z.int().check(z.minimum(1), z.maximum(30_000));

/** Every block of facts says how it is known and from where. */
const provenance = {
  evidence: z.enum(EVIDENCE),
  source: z.string().check(z.minLength(1)),
};

const header = { schema: z.literal(1), title: z.string().check(z.minLength(1)) };

export const HashboardFile = z.strictObject({
  ...header,
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
    ...provenance,
  }),
  /** What the stock firmware writes to the hash counting number register. */
  hashCountingNumber: z.optional(z.strictObject({ value: Count, ...provenance })),
});

export const MachineFile = z.strictObject({
  ...header,
  hashboard: Name,
  hashboards: Count.check(z.maximum(8)),
  controlBoards: z.array(Name).check(z.minLength(1)),
  bringUp: z.enum(BRING_UP_NAMES),
  /** Clock of the chips: `nominal` is the one to run at. */
  freqMHz: z.strictObject({ min: Positive, nominal: Positive, max: Positive, ...provenance }),
  /** Output of the supply, millivolts: running and, where known, while the cores are switched on. */
  railMv: z.optional(
    z.strictObject({ running: MilliVolts, open: z.optional(MilliVolts), ...provenance }),
  ),
  rated: z.strictObject({
    hashrateThs: Positive,
    powerW: z.optional(Positive),
    ...provenance,
  }),
  /** Board temperature: `warn` fans full, `throttle` less clock, `cut` power off. */
  limits: z.strictObject({
    boardC: z.strictObject({ warn: Celsius, throttle: Celsius, cut: Celsius, ...provenance }),
  }),
});

const Gpio = z.strictObject({
  /** Number of the line in the kernel's legacy numbering. */
  gpio: z.int().check(z.minimum(0), z.maximum(1023)),
});
/** A file that takes the same text as a GPIO value file: `0` and `1`. */
const ValueFile = z.strictObject({ file: z.string().check(z.minLength(1)) });

export const ControlBoardFile = z.strictObject({
  ...header,
  /** True for a board without metal; only there the virtual network is allowed. */
  virtual: z.boolean(),
  /** Text that the device tree's model must contain; nothing is driven when it does not. */
  deviceTreeModel: z.optional(z.string()),
  /** In the order of the hashboard slots. Paths are relative to the device directory. */
  chains: z
    .array(
      z.strictObject({
        tty: z.string().check(z.regex(/^[A-Za-z0-9._-]+$/)),
        /** 0 holds the chain in reset, 1 lets it run. */
        reset: z.union([Gpio, ValueFile]),
        /** 1 when a hashboard is plugged in. */
        present: z.optional(Gpio),
      }),
    )
    .check(z.minLength(1)),
  chainFacts: z.strictObject(provenance),
  /** Other lines of the board by what they do. */
  lines: z.optional(z.record(Name, z.strictObject({ ...Gpio.shape, ...provenance }))),
  watchdog: z.optional(z.strictObject({ device: z.string(), ...provenance })),
});

export type HashboardFile = z.infer<typeof HashboardFile>;
export type MachineFile = z.infer<typeof MachineFile>;
export type ControlBoardFile = z.infer<typeof ControlBoardFile>;

/** The folders of boards/ and what their files hold. */
export const FILE_KINDS = {
  machines: MachineFile,
  hashboards: HashboardFile,
  "control-boards": ControlBoardFile,
} as const;
export type FileKind = keyof typeof FILE_KINDS;

/** JSON Schema of all three kinds of files, for editors: the text of boards/schema.json. */
export function boardsSchemaText(): string {
  const kinds = Object.entries(FILE_KINDS);
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Headframe hardware data",
    anyOf: kinds.map(([kind]) => ({ $ref: `#/$defs/${kind}` })),
    $defs: Object.fromEntries(kinds.map(([kind, file]) => [kind, z.toJSONSchema(file)])),
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
