import * as z from "zod/mini";
import { LAYOUT, type FilePart } from "./payloads.js";

/** In base64 and with its JSON below the 64 KB that a broker has to take. Sheet management.md, 8.2. */
const PART_BYTES = 45_000;

/** A support bundle as the desk gives it. */
const Bundle = z.object({
  name: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  base64: z.string(),
});

interface Parts {
  readonly parts: readonly FilePart[];
  /** What the result says of the file. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** A file in messages of an ordinary size. @throws when the desk gave none: a mistake of the program */
export function inParts(id: string, result: unknown): Parts {
  const { name, bytes, sha256, base64 } = Bundle.parse(result);
  const content = Buffer.from(base64, "base64");
  const of = Math.max(1, Math.ceil(content.length / PART_BYTES));
  const parts = Array.from({ length: of }, (_, index): FilePart => ({
    v: LAYOUT,
    ...{ id, part: index + 1, of },
    base64: content.subarray(index * PART_BYTES, (index + 1) * PART_BYTES).toString("base64"),
  }));
  return { parts, data: { name, bytes, sha256, parts: of } };
}
