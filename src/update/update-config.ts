import * as z from "zod/mini";

const Path = z.string().check(z.startsWith("/"));
/** A bundle is some 60 MB; inferred from the parts of the image. */
const MAX_BUNDLE_BYTES = 256 * 1024 * 1024;
/** Decided: a bundle in some 15 s, and a card or eMMC of this class still serves the files of the data directory. */
const RATE_MB_PER_S = 4;

/** The field `update` of the configuration file; without it the program installs nothing. */
export const Update = z.strictObject({
  /** Block devices that hold the root file systems, or files. */
  slots: z.strictObject({ a: Path, b: Path }),
  /** Holds `a` or `b`: what was booted. */
  runningSlotFile: z._default(Path, "/run/headframe/slot"),
  /** What is to be booted; read and written by the first stage of the boot too. */
  choiceFile: z._default(Path, "/data/boot/slots.env"),
  /** Public keys of the maker, a file of minisign each; part of the image. */
  makerKeysDir: z._default(Path, "/etc/headframe/keys"),
  maxBundleBytes: z._default(z.int().check(z.minimum(1024)), MAX_BUNDLE_BYTES),
  /** Of writing and reading while the machine mines. */
  rateMbPerS: z._default(z.number().check(z.minimum(0.1), z.maximum(1000)), RATE_MB_PER_S),
  /** What a new version must show before it stays. */
  health: z._default(
    z.strictObject({
      /** So long at a stretch. */
      forS: z._default(z.int().check(z.minimum(1), z.maximum(86_400)), 300),
      /** Meanwhile so many accepted shares. */
      shares: z._default(z.int().check(z.minimum(1), z.maximum(1000)), 3),
      /** Within so long of being ordered to mine; else the former version comes back. */
      withinS: z._default(z.int().check(z.minimum(10), z.maximum(86_400)), 1800),
    }),
    { forS: 300, shares: 3, withinS: 1800 },
  ),
});
export type UpdateConfig = z.infer<typeof Update>;

export const SLOT_NAMES = ["a", "b"] as const;
export type SlotName = (typeof SLOT_NAMES)[number];

export function otherSlot(slot: SlotName): SlotName {
  return slot === "a" ? "b" : "a";
}
