import { timingSafeEqual } from "node:crypto";
import { MinerError } from "../../../lib/errors.js";
import type { AccessBook } from "./access-book.js";
import type { HttpScope } from "./scopes.js";
import type { Session, Sessions } from "./sessions.js";

const COOKIE = "headframe";
const CSRF_HEADER = "x-csrf-token";

/** Who sent a request. */
export interface Caller {
  readonly address: string;
  /** As the journal names it. */
  readonly who: string;
  /** Null: nobody that is known. */
  readonly scope: HttpScope | null;
  readonly session: (Session & { readonly id: string }) | null;
  readonly isSecure: boolean;
  /** For an answer that does not end: the token or session is still good. */
  readonly mayStay: () => boolean;
}

/**
 * Who a request comes from. A cookie alone changes nothing: any page could have made the browser send it.
 * @throws HTTP_LOGIN_NEEDED for a token that is not known, HTTP_ORIGIN_REFUSED
 */
export function callerOf(
  request: Request,
  link: { readonly address: string; readonly isSecure: boolean },
  access: Pick<AccessBook, "findToken">,
  sessions: Pick<Sessions, "find">,
  needsCsrf = changes(request),
): Caller {
  const nobody = { ...link, who: "nobody", scope: null, session: null, mayStay: () => true };
  const authorization = request.headers.get("authorization");
  if (authorization !== null) {
    const [, text = ""] = /^bearer +(\S+) *$/i.exec(authorization) ?? [];
    const token = access.findToken(text);
    if (token === undefined) throw new MinerError("HTTP_LOGIN_NEEDED", { reason: "unknown token" });
    const mayStay = (): boolean => access.findToken(text) !== undefined;
    return { ...nobody, who: `token ${token.name}`, scope: token.scope, mayStay };
  }
  const id = cookieOf(request.headers.get("cookie"));
  const session = id === undefined ? undefined : sessions.find(id);
  if (id === undefined || session === undefined) return nobody;
  if (needsCsrf && !isSame(request.headers.get(CSRF_HEADER) ?? "", session.csrf))
    throw new MinerError("HTTP_ORIGIN_REFUSED", { missing: CSRF_HEADER });
  const mayStay = (): boolean => sessions.find(id) !== undefined;
  return { ...nobody, who: "owner", scope: "own", session: { ...session, id }, mayStay };
}

/** @param id null takes the cookie away */
export function cookieText(id: string | null, isSecure: boolean): string {
  const rules = `Path=/; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;
  return id === null ? `${COOKIE}=; Max-Age=0; ${rules}` : `${COOKIE}=${id}; ${rules}`;
}

export function changes({ method }: Request): boolean {
  return method !== "GET" && method !== "HEAD" && method !== "OPTIONS";
}

function cookieOf(header: string | null): string | undefined {
  const parts = (header ?? "").split(";").map((part) => part.trim());
  return parts.find((part) => part.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
