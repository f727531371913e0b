import { toHex } from "../../lib/bytes.js";
import { crc5 } from "./crc5.js";
import { type FieldsOf, type FieldValue, type Layout, readFields, unexplained } from "./fields.js";
import type { EepromKey } from "./keys.js";
import { xxteaDecrypt } from "./xxtea.js";

/** A stretch of the memory that is encrypted by itself. */
export interface RegionPlan<SomeLayout extends Layout> {
  readonly name: string;
  /** First byte in the memory. */
  readonly start: number;
  readonly cipherLength: number;
  /** Bytes that count after decryption; the last one is the CRC5. */
  readonly length: number;
  /** Clear bytes before the region that its CRC5 covers too. */
  readonly crcPrefix: Uint8Array;
  /** Undefined when no layout is known for what came out. */
  readonly layoutOf: (plain: Uint8Array) => SomeLayout | undefined;
  /** What speaks against the fields, a phrase each. */
  readonly doubtsAbout: (fields: FieldsOf<SomeLayout>) => string[];
}

interface Place {
  readonly name: string;
  readonly start: number;
  readonly length: number;
}

interface Decrypted extends Place {
  readonly keyName: string;
  readonly plain: Uint8Array;
}

interface WithFields<SomeLayout extends Layout> extends Decrypted {
  readonly fields: FieldsOf<SomeLayout>;
  readonly unexplained: readonly Gap[];
}

interface Gap {
  readonly at: number;
  readonly hex: string;
}

export type Region<SomeLayout extends Layout> =
  | ({ readonly is: "understood" } & WithFields<SomeLayout>)
  /** A CRC5 fits, but the fields are not those of a hashboard. */
  | ({ readonly is: "doubtful"; readonly doubts: readonly string[] } & WithFields<SomeLayout>)
  /** A CRC5 fits, and no source says what stands where. */
  | ({ readonly is: "noLayout" } & Decrypted)
  /** No key gives a CRC5 that fits. */
  | ({ readonly is: "unknown" } & Place)
  /** Never written. */
  | ({ readonly is: "blank" } & Place);

/** What `eeprom decode` tells about a region. */
export interface RegionReport {
  readonly name: string;
  readonly is: Region<Layout>["is"];
  readonly start: number;
  readonly length: number;
  readonly keyName: string | null;
  readonly plainHex: string | null;
  readonly fields: Readonly<Record<string, FieldValue>> | null;
  readonly doubts: readonly string[];
  /** Bytes that no field explains; `at` counts from the start of the region. */
  readonly unexplained: readonly Gap[];
}

/**
 * Tries every key and takes the one whose CRC5 fits. A CRC5 in a byte of its own fits wrong bytes once in 256, so once
 * in 64 with four keys: what counts as a board is decided by the fields too.
 */
export function readRegion<SomeLayout extends Layout>(
  image: Uint8Array,
  plan: RegionPlan<SomeLayout>,
  keys: readonly EepromKey[],
): Region<SomeLayout> {
  const { name, start, length } = plan;
  const cipher = image.subarray(start, start + plan.cipherLength);
  if (cipher.every((value) => value === 0xff)) return { is: "blank", name, start, length };

  const fitting = keys.flatMap((key) => {
    const plain = xxteaDecrypt(cipher, key.bytes).subarray(0, length);
    const covered = Uint8Array.of(...plan.crcPrefix, ...plain.subarray(0, -1));
    return crc5(covered) === plain.at(-1) ? [judge(plan, key, plain)] : [];
  });
  const best = fitting.find(({ is }) => is === "understood") ?? fitting[0];
  return best ?? { is: "unknown", name, start, length };
}

export function reportOf(region: Region<Layout>): RegionReport {
  const { name, is, start, length } = region;
  return {
    ...{ name, is, start, length },
    keyName: "keyName" in region ? region.keyName : null,
    plainHex: "plain" in region ? toHex(region.plain) : null,
    fields: "fields" in region ? region.fields : null,
    doubts: "doubts" in region ? region.doubts : [],
    unexplained: "unexplained" in region ? region.unexplained : [],
  };
}

function judge<SomeLayout extends Layout>(
  plan: RegionPlan<SomeLayout>,
  key: EepromKey,
  plain: Uint8Array,
): Region<SomeLayout> {
  const { name, start, length } = plan;
  const decrypted = { name, start, length, keyName: key.name, plain };
  const layout = plan.layoutOf(plain);
  if (layout === undefined) return { is: "noLayout", ...decrypted };
  const fields = readFields(layout, plain);
  const withFields = { ...decrypted, fields, unexplained: unexplained(layout, plain) };
  const doubts = plan.doubtsAbout(fields);
  return doubts.length === 0
    ? { is: "understood", ...withFields }
    : { is: "doubtful", doubts, ...withFields };
}
