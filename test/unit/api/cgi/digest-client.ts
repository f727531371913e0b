import { createHash } from "node:crypto";

const REALM = "antMiner Configuration";

export interface Asked {
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  readonly password: string;
  readonly nc?: string;
  /** Fields that differ from what an honest client sends. */
  readonly change?: Readonly<Record<string, string | undefined>>;
}

/** What a client sends, written from RFC 7616 alone. */
export function digestHeader(asked: Asked): string {
  const { method, uri, nonce, password, nc = "00000001", change = {} } = asked;
  const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
  const cnonce = "0a4f113b";
  const ha1 = md5(`root:${REALM}:${password}`);
  const response = md5(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${md5(`${method}:${uri}`)}`);
  const fields: Readonly<Record<string, string | undefined>> = {
    ...{ username: "root", realm: REALM, nonce, uri, qop: "auth", nc, cnonce, response },
    ...{ algorithm: "MD5", ...change },
  };
  const pairs = Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return ["qop", "nc", "algorithm"].includes(name) ? `${name}=${value}` : `${name}="${value}"`;
  });
  return `Digest ${pairs.join(", ")}`;
}

export function nonceOf(challenge: string | null): string {
  return /nonce="([^"]+)"/.exec(challenge ?? "")?.[1] ?? "";
}
