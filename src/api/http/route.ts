import * as z from "zod/mini";
import type { ErrorCode } from "../../lib/errors.js";
import { MinerError } from "../../lib/errors.js";
import { schemaFaults } from "../../lib/schema-faults.js";
import type { PublicPart } from "../../app/http-config.js";
import type { ApiParts } from "./api-parts.js";
import type { Caller } from "./auth/caller.js";
import type { HttpScope } from "./auth/scopes.js";

/** Where the routes lie. */
export const API = "/api/v1";

/** `nothing`: anybody who may call at all. */
type Needs = HttpScope | "nothing";

/** A request as a handler gets it. */
export interface Call<Path = unknown, Query = unknown, Body = unknown> {
  readonly caller: Caller;
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
  readonly headers: Headers;
}

/** What a request says, before anybody has judged it. */
export interface RawCall {
  readonly caller: Caller;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly headers: Headers;
}

/** JSON with more than status 200. */
export class Answer {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(body: unknown, headers: Readonly<Record<string, string>>) {
    this.body = body;
    this.headers = headers;
  }
}

/** A stream in place of JSON, by its content type. */
export type Reply = z.ZodMiniType | "text/event-stream" | "application/gzip";

interface RouteFacts {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** Below /api/v1, as OpenAPI writes it. */
  readonly path: string;
  readonly needs: Needs;
  /** The setting that lets anybody read it. */
  readonly publicPart?: PublicPart;
  readonly summary: string;
  readonly reply: Reply;
  /** JSON that is the same for all who ask in a second, or as long as the configuration is the same. */
  readonly sharedFor?: "second" | "config";
  /** Headers that it hears, beside those of all. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What it may refuse with beside what all may. */
  readonly errors?: readonly ErrorCode[];
}

interface Schemas<Path, Query, Body> {
  readonly pathParams?: z.ZodMiniType<Path>;
  readonly query?: z.ZodMiniType<Query>;
  readonly body?: z.ZodMiniType<Body>;
}

/** One line of the table of routes. */
export interface Route extends RouteFacts, Schemas<unknown, unknown, unknown> {
  /** @throws HTTP_BAD_REQUEST, and what the machine refuses with */
  handle(parts: ApiParts, call: RawCall): unknown;
}

const NOTHING = z.strictObject({});

export function route<Path, Query, Body>(
  given: RouteFacts &
    Schemas<Path, Query, Body> & {
      readonly handle: (parts: ApiParts, call: Call<Path, Query, Body>) => unknown;
    },
): Route {
  const { pathParams, query, body } = given;
  return {
    ...given,
    handle: (parts, raw) =>
      given.handle(parts, {
        ...{ caller: raw.caller, headers: raw.headers },
        path: judged("path", pathParams, raw.path),
        query: judged("query", query, raw.query),
        body: judged("body", body, raw.body),
      }),
  };
}

function judged<Value>(
  part: "path" | "query" | "body",
  schema: z.ZodMiniType<Value> | undefined,
  given: unknown,
): Value {
  const parsed = (schema ?? NOTHING).safeParse(given ?? {});
  if (parsed.success) return parsed.data as Value;
  const [fault] = schemaFaults(parsed.error.issues, given);
  const at = [part, ...(fault?.path ?? [])].map(String).join(".");
  // Not the value: it may be a password.
  throw new MinerError("HTTP_BAD_REQUEST", { at, expected: fault?.expected ?? "something else" });
}
