import type { IncomingMessage } from "node:http";
import { type Context, Hono } from "hono";
import * as z from "zod/mini";
import en from "zod/v4/locales/en.js";
import type { PublicPart } from "../../app/http-config.js";
import { ERROR_TABLE, MinerError } from "../../lib/errors.js";
import { findingOf, type Finding } from "../../lib/finding.js";
import type { Logger } from "../../lib/logger.js";
import type { PageAnswer } from "../cgi/page-answer.js";
import type { ApiParts } from "./api-parts.js";
import { AnswerShelf } from "./answer-shelf.js";
import { callerOf, type Caller } from "./auth/caller.js";
import { assertHost, assertOrigin } from "./auth/origin.js";
import { includes, type HttpScope } from "./auth/scopes.js";
import { bodyOf } from "./body.js";
import { metricsAnswer } from "./metrics/metrics-answer.js";
import { openApi } from "./openapi.js";
import { problemOf, PROBLEM_TYPE, statusOf } from "./problem.js";
import { RequestLimit } from "./request-limit.js";
import { Answer, API, type Route } from "./route.js";
import { ROUTES } from "./routes/all-routes.js";

/** What the server beside hono gives with each request. */
export interface Bindings {
  readonly incoming: {
    readonly socket: Pick<IncomingMessage["socket"], "remoteAddress"> & {
      readonly encrypted?: boolean;
    };
  };
}

const JSON_TYPE = { "Content-Type": "application/json" };

type App = Hono<{ Bindings: Bindings }>;
type Ask = Context<{ Bindings: Bindings }>;

/** Pages that are no part of the API, with who may see them. */
export interface Pages {
  /** Rejects with what REST refuses with. */
  readonly answer: (request: Request, address: string) => Promise<PageAnswer>;
}

const SAFE_HEADERS = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/**
 * @param names what the machine may be called, lower case
 * @param pages of stock machines, where they are on
 */
export function createApp(
  parts: ApiParts,
  names: ReadonlySet<string>,
  log: Logger,
  pages?: Pages,
): App {
  z.config(en());
  const app = guardedApp(parts, names, log);
  if (pages !== undefined) addPage(app, "/cgi-bin/*", pages);
  const shelf = new AnswerShelf();
  for (const route of ROUTES) addRoute(app, parts, route, shelf);
  for (const path of new Set(ROUTES.map(honoPath))) {
    const allowed = methodsOf(path);
    app.all(path, (c) => {
      c.header("Allow", allowed);
      throw new MinerError("HTTP_METHOD_REFUSED", { method: c.req.method, expected: allowed });
    });
  }
  addPages(app, parts);
  return app;
}

/** What stock machines answer on another port. */
export function createDebugApp(
  parts: Pick<ApiParts, "clock">,
  names: ReadonlySet<string>,
  log: Logger,
  pages: Pages,
): App {
  const app = guardedApp(parts, names, log);
  for (const path of ["/miner_power", "/warning"]) addPage(app, path, pages);
  return app;
}

/** Nothing yet, behind what keeps others out. */
function guardedApp(
  { clock }: Pick<ApiParts, "clock">,
  names: ReadonlySet<string>,
  log: Logger,
): App {
  const app: App = new Hono<{ Bindings: Bindings }>();
  const limit = new RequestLimit(clock);
  app.use(async (c, next) => {
    for (const [name, value] of Object.entries(SAFE_HEADERS)) c.header(name, value);
    await limit.take(linkOf(c).address);
    assertHost(c.req.raw.headers.get("host"), names);
    assertOrigin(c.req.raw);
    await next();
  });
  app.notFound((c) => refuse(c, { code: "HTTP_NOT_FOUND", context: {} }));
  app.onError((error, c) => {
    const finding = findingOf(error);
    if (statusOf(finding.code) === 500) log.error({ ...finding, path: c.req.path }, "HTTP request");
    return refuse(c, finding);
  });
  return app;
}

function addPage(app: App, path: string, pages: Pages): void {
  app.all(path, async (c) => {
    const { status, body, type, headers } = await pages.answer(c.req.raw, linkOf(c).address);
    return c.body(body, status, { "Content-Type": type, ...headers });
  });
}

/** What lies beside the API. */
function addPages(app: App, parts: ApiParts): void {
  let described: Uint8Array<ArrayBuffer> | undefined;
  app.get(`${API}/openapi.json`, (c) => {
    described ??= new TextEncoder().encode(JSON.stringify(openApi()));
    return c.body(described, 200, JSON_TYPE);
  });
  app.get("/health", (c) => c.text("ok\n"));
  app.get("/", (c) => c.text(`Headframe. What it takes: ${API}/openapi.json\n`));
  app.get("/metrics", (c) => {
    assertMay(known(parts, c), parts, "read", "metrics");
    const facts = { mac: parts.mac, nowUnixMs: parts.clock.unixMs() };
    return metricsAnswer(parts.history.latest, facts, c.req.header("accept"));
  });
}

function honoPath({ path }: Pick<Route, "path">): string {
  return `${API}${path.replace(/\{(\w+)\}/g, ":$1")}`;
}

/** Documented: RFC 9110, 15.5.6: a refusal of a method names those there are. */
function methodsOf(path: string): string {
  const methods = ROUTES.filter((route) => honoPath(route) === path).map(({ method }) => method);
  return [...methods, ...(methods.includes("get") ? ["head"] : [])].join(", ").toUpperCase();
}

function addRoute(app: App, parts: ApiParts, route: Route, shelf: AnswerShelf): void {
  app.on(route.method.toUpperCase(), honoPath(route), async (c) => {
    // Who has nothing to lose yet may log in without the token of an older session.
    const caller = known(parts, c, route.needs === "nothing" ? false : undefined);
    if (route.needs !== "nothing") assertMay(caller, parts, route.needs, route.publicPart);
    const call = {
      caller,
      path: c.req.param(),
      query: c.req.query(),
      // Asked for its body, the server beside hono makes a whole Request of Node's.
      body: route.method === "get" ? undefined : await bodyOf(c.req.raw),
      headers: c.req.raw.headers,
    };
    if (route.sharedFor !== undefined) {
      const { pathname, search } = new URL(c.req.url);
      const make = (): unknown => route.handle(parts, call);
      return c.body(
        await shelf.find(pathname + search, tellsOf(parts, route.sharedFor), make),
        200,
        JSON_TYPE,
      );
    }
    const reply = await route.handle(parts, call);
    if (reply instanceof Response) {
      // Who asks for the head alone never reads what would stream.
      if (c.req.method === "HEAD") await reply.body?.cancel();
      return reply;
    }
    if (!(reply instanceof Answer)) return c.json(reply);
    for (const [name, value] of Object.entries(reply.headers)) c.header(name, value);
    return c.json(reply.body);
  });
}

function tellsOf({ history, config }: ApiParts, time: "second" | "config"): object {
  return time === "second" ? history.latest : config();
}

function known({ access, sessions }: ApiParts, c: Ask, needsCsrf?: boolean): Caller {
  return callerOf(c.req.raw, linkOf(c), access, sessions, needsCsrf);
}

function linkOf(c: Ask): { readonly address: string; readonly isSecure: boolean } {
  const { remoteAddress, encrypted } = c.env.incoming.socket;
  return { address: remoteAddress ?? "unknown", isSecure: encrypted === true };
}

/** @throws HTTP_PASSWORD_UNSET, HTTP_LOGIN_NEEDED, HTTP_SCOPE_MISSING */
function assertMay(
  { scope }: Caller,
  { http, access }: ApiParts,
  needs: HttpScope,
  publicPart: PublicPart | undefined,
): void {
  if (scope !== null && includes(scope, needs)) return;
  if (publicPart !== undefined && http.public.includes(publicPart)) return;
  if (scope !== null) throw new MinerError("HTTP_SCOPE_MISSING", { has: scope, needs });
  throw new MinerError(access.hasPassword ? "HTTP_LOGIN_NEEDED" : "HTTP_PASSWORD_UNSET", { needs });
}

/** JSON below /api only: elsewhere pyasic would take us for another firmware. Sheet management.md, 3.3. */
function refuse(c: Ask, finding: Finding): Response {
  const status = statusOf(finding.code);
  const { retryAfterS } = finding.context;
  if (typeof retryAfterS === "number") c.header("Retry-After", String(retryAfterS));
  if (status === 401) c.header("WWW-Authenticate", 'Bearer realm="headframe"');
  if (c.req.path.startsWith("/api/"))
    return c.body(JSON.stringify(problemOf(finding)), status, { "Content-Type": PROBLEM_TYPE });
  return c.text(`${finding.code}: ${ERROR_TABLE[finding.code].meaning}\n`, status);
}
