import * as z from "zod/mini";
import type { ErrorCode } from "../../lib/errors.js";
import { KEY_HEADER } from "./desk-order.js";
import { Problem, PROBLEM_TYPE, statusOf } from "./problem.js";
import { API, type Route } from "./route.js";
import { ROUTES } from "./routes/all-routes.js";

type Json = Record<string, unknown>;

/** What any route may refuse with; who sends a token that is not known is told so everywhere. */
const COMMON: readonly ErrorCode[] = [
  "HTTP_BAD_REQUEST",
  "HTTP_LOGIN_NEEDED",
  "HTTP_HOST_REFUSED",
  "HTTP_TOO_MANY",
  "INTERNAL",
];
/** Where something may change. */
const OF_CHANGES: readonly ErrorCode[] = [
  "HTTP_ORIGIN_REFUSED",
  "HTTP_BODY_REFUSED",
  "HTTP_TOO_LARGE",
];

/** The description that is served and written into docs/openapi.json: OpenAPI 3.1, made of the table of routes. */
export function openApi(): Json {
  const paths: Record<string, Json> = {};
  for (const route of ROUTES) (paths[route.path] ??= {})[route.method] = operation(route);
  return {
    openapi: "3.1.0",
    info: { title: "Headframe", version: "1" },
    servers: [{ url: API }],
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer" },
        session: { type: "apiKey", in: "cookie", name: "headframe" },
      },
      schemas: { Problem: jsonSchema(Problem, "output") },
    },
    paths,
  };
}

function operation(route: Route): Json {
  const { method, path, summary, needs, body, publicPart } = route;
  return {
    operationId: [method, ...path.split(/[/{}]+/)].filter((part) => part !== "").join("-"),
    summary,
    ...(needs !== "nothing" && { "x-scope": needs, security: [{ token: [] }, { session: [] }] }),
    ...(publicPart && { "x-public-with": `http.public ${publicPart}` }),
    parameters: parameters(route),
    ...(body && {
      requestBody: {
        ...(!body.safeParse({}).success && { required: true }),
        content: json(jsonSchema(body, "input")),
      },
    }),
    responses: responses(route),
  };
}

function parameters({ pathParams, query, headers = {}, method, needs }: Route): readonly Json[] {
  const csrf = "of the session, where the cookie says who asks";
  const all = {
    ...headers,
    ...(method !== "get" && needs !== "nothing" && { "X-CSRF-Token": csrf }),
  };
  return [
    ...fieldsOf(pathParams, "path"),
    ...fieldsOf(query, "query"),
    ...Object.entries(all).map(([name, description]) => ({
      ...{ in: "header", name, description, schema: { type: "string" } },
    })),
  ];
}

function fieldsOf(schema: z.ZodMiniType | undefined, place: "path" | "query"): readonly Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, "input") as {
    properties?: Readonly<Record<string, unknown>>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, field]) => ({
    ...{ in: place, name, schema: field },
    ...(required.includes(name) && { required: true }),
  }));
}

function responses({ reply, needs, method, headers, errors = [] }: Route): Json {
  const codes = [
    ...COMMON,
    // Whoever is known may read.
    ...(needs === "nothing" ? [] : (["HTTP_PASSWORD_UNSET"] as const)),
    ...(needs === "operate" || needs === "own" ? (["HTTP_SCOPE_MISSING"] as const) : []),
    ...(method === "get" ? [] : OF_CHANGES),
    ...(headers === undefined || !isKeyed(headers) ? [] : (["COMMAND_ID_REUSED"] as const)),
    ...errors,
  ];
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes)
    byStatus.set(statusOf(code), [...(byStatus.get(statusOf(code)) ?? []), code]);
  const content =
    typeof reply === "string"
      ? { [reply]: { schema: { type: "string" } } }
      : json(jsonSchema(reply, "output"));
  return {
    "200": { description: "done", content },
    ...Object.fromEntries(
      [...byStatus].map(([status, found]) => [
        String(status),
        {
          description: found.join(", "),
          content: { [PROBLEM_TYPE]: { schema: { $ref: "#/components/schemas/Problem" } } },
        },
      ]),
    ),
  };
}

/** The desk remembers what was ordered with a key. */
function isKeyed(headers: NonNullable<Route["headers"]>): boolean {
  return Object.keys(KEY_HEADER).every((name) => name in headers);
}

function json(schema: Json): Json {
  return { "application/json": { schema } };
}

function jsonSchema(schema: z.ZodMiniType, io: "input" | "output"): Json {
  const entries = Object.entries(z.toJSONSchema(schema, { io }));
  return Object.fromEntries(entries.filter(([name]) => name !== "$schema"));
}
