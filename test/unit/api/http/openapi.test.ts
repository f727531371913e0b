import { deepEqual, equal, ok } from "node:assert/strict";
import type { ErrorCode } from "../../../../src/lib/errors.js";
import {
  assertDescribed,
  codesOf,
  faultsOf,
  nameOf,
  OPERATIONS,
  type Operation,
  type Schema,
} from "./described.js";
import { httpRigs } from "./http-rig.js";
import { provoked } from "./provoke.js";
import { type Differences, Scene } from "./scene.js";

const METHODS = ["get", "post", "put", "patch", "delete"];
/** Of these one or the other is of another kind than a field wants. */
const ODD: readonly unknown[] = [{}, [], "\u0001 odd", -1.5, true, null];
const ODD_TEXTS = ["odd", "-1", "1e999", ""];
/** After them the machine is another one. */
const SPOILING: readonly ErrorCode[] = [
  ...(["HTTP_PASSWORD_SET", "HTTP_PASSWORD_WRONG", "HTTP_BUSY", "HTTP_TOKENS_FULL"] as const),
];
/** Orders that only ask. */
const READS = ["pools.list", "config.get"];

describe("docs/openapi.json", () => {
  const start = httpRigs();

  for (const operation of OPERATIONS)
    it(`is right about ${nameOf(operation)}: what it takes, refuses and answers`, async () => {
      const scene = await Scene.of(operation, await start());
      for (const [what, wrong] of wrongRequests(scene)) await assertRefused(scene, what, wrong);
      deepEqual(
        scene.rig.orders.filter(({ name }) => !READS.includes(name)),
        [],
      );
      for (const status of Object.keys(operation.responses).map(Number))
        for (const code of status < 400 ? [] : codesOf(operation, status))
          await assertProvoked(scene, status, code as ErrorCode);
      const reply = await scene.ask();
      equal(reply.status, 200);
      const body = await assertDescribed(operation, reply);
      const [content] = Object.values(operation.responses["200"]!.content);
      if (body !== undefined) assertNotTaken(content!.schema, body);
    });

  async function assertRefused(scene: Scene, what: string, wrong: Differences): Promise<void> {
    const reply = await scene.ask(wrong);
    equal(reply.status, 400, what);
    await assertDescribed(scene.operation, reply);
    await scene.rig.clock.advance(50);
  }

  async function assertProvoked(usual: Scene, status: number, code: ErrorCode): Promise<void> {
    const { operation } = usual;
    const scene = SPOILING.includes(code) ? await Scene.of(operation, await start()) : usual;
    const reply = await provoked(code, scene, start);
    equal(reply.status, status, code);
    const body = await assertDescribed(operation, reply);
    equal((body as { code: string }).code, code);
    await scene.rig.clock.advance(1000);
  }

  it("names all methods of its paths", async () => {
    const rig = await start();
    for (const path of new Set(OPERATIONS.map((each) => each.path))) {
      const known = OPERATIONS.filter((each) => each.path === path).map(({ method }) => method);
      for (const method of METHODS.filter((each) => !known.includes(each))) {
        const at = `/api/v1${path.replace(/\{\w+\}/g, "1")}`;
        const reply = await rig.ask(at, { method: method.toUpperCase() });
        equal(reply.status, 405, `${method} ${path}`);
        const allowed = (reply.headers.get("allow") ?? "").toLowerCase().split(", ");
        deepEqual(new Set(allowed.filter((each) => each !== "head")), new Set(known));
        await rig.clock.advance(50);
      }
    }
  });

  it("lets who asks for the head alone hold no stream", async () => {
    const rig = await start();
    const headers = await rig.owned("read");
    for (let count = 0; count < 20; count++)
      equal((await rig.ask("/api/v1/events", { method: "HEAD", headers })).status, 200);
  });
});

/** That the schema can fail: it takes no body without a field that it requires, nor one with a field that it lacks. */
function assertNotTaken(schema: Schema, body: unknown): void {
  const fields = Object.entries(body as object);
  for (const name of schema.required ?? []) {
    const less = Object.fromEntries(fields.filter(([key]) => key !== name));
    ok(faultsOf(schema, less).length > 0, `without ${name}`);
  }
  if (schema.additionalProperties === false)
    ok(faultsOf(schema, Object.fromEntries([...fields, ["no such field", 1]])).length > 0);
}

/** What is wrong, and the request. */
type Wrong = readonly [string, Differences];

/** Requests of which the description takes none, each for one reason. */
function wrongRequests({ operation, sample }: Scene): readonly Wrong[] {
  const schema = operation.requestBody?.content["application/json"]?.schema;
  const texts = operation.parameters.flatMap(({ in: place, name, schema: field }) =>
    ODD_TEXTS.filter((text) => faultsOf(field, text).length > 0).flatMap((text): Wrong[] => {
      if (place === "query") return [[`${name}=${text}`, { query: `?${name}=${text}` }]];
      return place === "path" && text !== "" ? [[name, { path: { [name]: text } }]] : [];
    }),
  );
  return [
    ...wrongBodies(operation, schema ?? NO_BODY, sample ?? {}),
    ...texts,
    ["?nosuch", { query: "?nosuch=1" }],
  ];
}

const NO_BODY: Schema = { type: "object", properties: {}, additionalProperties: false };

function wrongBodies({ method }: Operation, schema: Schema, sample: object): readonly Wrong[] {
  if (method === "get") return [];
  const { properties = {}, required = [], additionalProperties } = schema;
  const without = (name: string): object =>
    Object.fromEntries(Object.entries(sample).filter(([key]) => key !== name));
  const wrong = [
    ...[[], 1, "text", true],
    ...(additionalProperties === false ? [{ ...sample, "no such field": 1 }] : []),
    ...required.map(without),
    ...Object.entries(properties).flatMap(([name, field]) =>
      ODD.filter((odd) => faultsOf(field, odd).length > 0).map((odd) => ({
        ...sample,
        [name]: odd,
      })),
    ),
  ];
  return [
    ["no JSON", { text: "{" }],
    ...wrong.map((body): Wrong => [JSON.stringify(body), { text: JSON.stringify(body) }]),
  ];
}
