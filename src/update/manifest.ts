import * as z from "zod/mini";
import { MinerError } from "../lib/errors.js";
import { VERSION } from "./version-order.js";

const Version = z.string().check(z.regex(VERSION, "expected a version, as 1.4.0"));
const Name = z.string().check(z.regex(/^[\w.-]{1,64}$/));

/** What is signed: what a bundle is, whom it is for, and what lies behind it. */
export const Manifest = z.strictObject({
  /** Of this layout. */
  format: z.literal(1),
  version: Version,
  /** Once this version has proved itself, no older one than this is taken any more. */
  floor: Version,
  /** Names of files in boards/control-boards. */
  boards: z.array(Name).check(z.minLength(1), z.maxLength(64)),
  /** What goes into the slot. A later layout may have more than one. */
  payloads: z
    .array(
      z.strictObject({
        name: z.literal("rootfs"),
        bytes: z.int().check(z.minimum(1)),
        sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
      }),
    )
    .check(z.length(1)),
});
export type Manifest = z.infer<typeof Manifest>;
export type Payload = Manifest["payloads"][number];

/** @throws UPDATE_BUNDLE_INVALID */
export function parseManifest(text: string): Manifest {
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch (cause) {
    throw new MinerError("UPDATE_BUNDLE_INVALID", { reason: "the manifest is no JSON" }, { cause });
  }
  const parsed = Manifest.safeParse(plain);
  if (parsed.success) return parsed.data;
  const at = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new MinerError("UPDATE_BUNDLE_INVALID", { reason: "manifest", at });
}
