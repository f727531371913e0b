import { createHash, timingSafeEqual } from "node:crypto";

/** Documented: pyasic and asic-rs know a stock Antminer by the beginning of it. */
export const REALM = "antMiner Configuration";
/** Documented: the only user of a stock machine. */
const USER = "root";

/** What a client sends to prove that it knows the password; RFC 7616. */
export interface DigestProof {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  /** How often the nonce was used, from 1; undefined where the client speaks the form before qop. */
  readonly count: number | undefined;
  readonly nc: string;
  readonly cnonce: string;
}

const PAIR = /\s*([A-Za-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))\s*(?:,|$)/y;

/**
 * What is kept of the password while the pages are on. MD5 without salt, as every client of theirs speaks nothing else: who
 * reads it may use the pages, and may try passwords fast.
 */
export function ha1Of(password: string): string {
  return md5(`${USER}:${REALM}:${password}`);
}

/** Undefined for what is no proof by MD5 that is whole. */
export function parseProof(header: string): DigestProof | undefined {
  const fields = fieldsOf(header);
  if (fields === undefined) return undefined;
  const field = (name: string): string => fields.get(name) ?? "";
  const { qop, nc, response } = { qop: field("qop"), nc: field("nc"), response: field("response") };
  const algorithm = fields.get("algorithm") ?? "MD5";
  if (algorithm.toUpperCase() !== "MD5" || !/^[0-9a-f]{32}$/i.test(response)) return undefined;
  const hasCount = qop === "auth" && /^[0-9a-f]{8}$/i.test(nc) && field("cnonce") !== "";
  if (!hasCount && fields.has("qop")) return undefined;
  return {
    ...{ username: field("username"), realm: field("realm"), nonce: field("nonce") },
    ...{ uri: field("uri"), response: response.toLowerCase(), nc, cnonce: field("cnonce") },
    count: hasCount ? Number.parseInt(nc, 16) : undefined,
  };
}

/** Whether it was made with the password of this hash, for this request. */
export function isProven(
  proof: DigestProof,
  ha1: string,
  request: Pick<Request, "method" | "url">,
): boolean {
  const { username, realm, nonce, uri, response, nc, cnonce, count } = proof;
  const { pathname, search } = new URL(request.url);
  if (username !== USER || realm !== REALM || uri !== `${pathname}${search}`) return false;
  const ha2 = md5(`${request.method}:${uri}`);
  const how = count === undefined ? nonce : `${nonce}:${nc}:${cnonce}:auth`;
  const expected = md5(`${ha1}:${how}:${ha2}`);
  return timingSafeEqual(Buffer.from(expected), Buffer.from(response));
}

/** Each name once, lower case; undefined for what is not of this form to its end. */
function fieldsOf(header: string): ReadonlyMap<string, string> | undefined {
  const [scheme] = /^Digest\s+/i.exec(header) ?? [];
  if (scheme === undefined) return undefined;
  const fields = new Map<string, string>();
  for (let at = scheme.length; at < header.length; at = PAIR.lastIndex) {
    PAIR.lastIndex = at;
    const [, name = "", quoted, plain] = PAIR.exec(header) ?? [];
    const key = name.toLowerCase();
    if (key === "" || fields.has(key)) return undefined;
    fields.set(key, quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "");
  }
  return fields;
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
