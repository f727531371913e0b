import { equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as z from "zod";
import type { HttpScope } from "../../../../src/api/http/auth/scopes.js";

const FILE = new URL("../../../../docs/openapi.json", import.meta.url);

/** As JSON Schema has it: what this test looks at. */
export interface Schema {
  readonly type?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
}

interface Parameter {
  readonly in: "path" | "query" | "header";
  readonly name: string;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Described {
  readonly "x-scope"?: HttpScope;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content: Content }>
  >;
}

/** One method of one path, as docs/openapi.json describes it. */
export interface Operation extends Described {
  readonly method: string;
  readonly path: string;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const { paths, components } = JSON.parse(readFileSync(FILE, "utf8")) as Document;

export const OPERATIONS: readonly Operation[] = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, described]) => ({ ...described, method, path })),
);

export function nameOf({ method, path }: Operation): string {
  return `${method.toUpperCase()} ${path}`;
}

/** The faults of a value by a schema of the document; empty when it fits. */
export function faultsOf(schema: Schema, value: unknown): readonly unknown[] {
  return compiled(schema).safeParse(value).error?.issues ?? [];
}

const validators = new Map<Schema, z.ZodType>();

function compiled(schema: Schema): z.ZodType {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const { $ref } = schema as { readonly $ref?: string };
  const whole = $ref === undefined ? schema : components.schemas[$ref.split("/").at(-1)!]!;
  const made = z.fromJSONSchema(whole as Parameters<typeof z.fromJSONSchema>[0]);
  validators.set(schema, made);
  return made;
}

/** What the schema declares for this status and type; fails where it declares nothing. */
function declared(operation: Operation, status: number, type: string | null): Schema {
  const response = operation.responses[String(status)];
  ok(response !== undefined, `${nameOf(operation)}: ${String(status)} is not declared`);
  const [plain = ""] = (type ?? "").split(";");
  const content = response.content[plain];
  ok(content !== undefined, `${nameOf(operation)}: ${plain} with ${String(status)}`);
  return content.schema;
}

/** Fails unless status, type, body and code of an answer are as the document says. Gives the body. */
export async function assertDescribed(operation: Operation, reply: Response): Promise<unknown> {
  const schema = declared(operation, reply.status, reply.headers.get("content-type"));
  if (!(reply.headers.get("content-type") ?? "").includes("json")) {
    await reply.body?.cancel();
    return undefined;
  }
  const body: unknown = await reply.json();
  const faults = faultsOf(schema, body);
  equal(faults.length, 0, `${nameOf(operation)}: ${JSON.stringify(faults)}`);
  const { code } = body as { readonly code?: string };
  if (reply.status >= 400)
    ok(codesOf(operation, reply.status).includes(code ?? ""), `${nameOf(operation)}: ${code}`);
  return body;
}

/** The codes of the table of errors that an operation may refuse with. */
export function codesOf({ responses }: Operation, status: number): readonly string[] {
  return responses[String(status)]?.description.split(", ") ?? [];
}
