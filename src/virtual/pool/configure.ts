import { hex32 } from "../../lib/bytes.js";

/**
 * The result of `mining.configure`: the whole mask of the pool for version rolling, whatever mask was
 * asked for (documented: ckpool), false for every other extension. Documented: BIP310.
 */
export function configureResult(
  params: readonly unknown[],
  versionMask: number | undefined,
): Readonly<Record<string, boolean | string>> {
  const [extensions] = params;
  const result: Record<string, boolean | string> = {};
  for (const extension of Array.isArray(extensions) ? (extensions as readonly unknown[]) : []) {
    if (extension === "version-rolling" && versionMask !== undefined) {
      result[extension] = true;
      result["version-rolling.mask"] = hex32(versionMask);
    } else if (typeof extension === "string") result[extension] = false;
  }
  return result;
}
