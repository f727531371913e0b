import { MinerError } from "../../lib/errors.js";

/** The configuration with some dozens of pools is a tenth of it. */
const MAX_BYTES = 256 * 1024;

/**
 * The JSON of a request; undefined without a body. Not hono's body-limit (4.13.19): a request of the node server that tells no
 * length makes it fail.
 * Rejects with HTTP_BODY_REFUSED, HTTP_TOO_LARGE, HTTP_BAD_REQUEST
 */
export async function bodyOf(request: Request): Promise<unknown> {
  const text = await textOf(request);
  if (text === "") return undefined;
  const [type = ""] = (request.headers.get("content-type") ?? "").toLowerCase().split(";");
  // A page of another site cannot send this type without asking first.
  if (!/^application\/(merge-patch\+)?json$/.test(type.trim()))
    throw new MinerError("HTTP_BODY_REFUSED", { type: type.slice(0, 100) });
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not what the library says: it quotes the text.
    throw new MinerError("HTTP_BAD_REQUEST", { at: "body", expected: "JSON" });
  }
}

/** Rejects with HTTP_TOO_LARGE */
export async function textOf({ headers, body }: Request): Promise<string> {
  const isLong = Number(headers.get("content-length") ?? 0) > MAX_BYTES;
  const parts: Uint8Array[] = [];
  let length = 0;
  if (!isLong && body !== null)
    // A length that is not told is counted.
    for await (const part of body as AsyncIterable<Uint8Array>) {
      length += part.length;
      if (length > MAX_BYTES) break;
      parts.push(part);
    }
  if (isLong || length > MAX_BYTES)
    throw new MinerError("HTTP_TOO_LARGE", { mostBytes: MAX_BYTES });
  return Buffer.concat(parts).toString("utf8");
}
