import { deepEqual } from "node:assert/strict";
import en from "zod/v4/locales/en.js";
import * as z from "zod/mini";
import { schemaFaults } from "../../../src/lib/schema-faults.js";

const Pools = z.strictObject({
  pools: z.array(z.strictObject({ url: z.string(), password: z.optional(z.string()) })),
});

function faultsOf(data: unknown): unknown {
  const result = z.safeParse(Pools, data, { error: en().localeError });
  return result.success ? [] : schemaFaults(result.error.issues, data);
}

describe("faults that a schema finds", () => {
  it("stand at the field, with what is there", () => {
    deepEqual(faultsOf({ pools: [{ url: 7 }] }), [
      {
        path: ["pools", 0, "url"],
        value: 7,
        expected: "Invalid input: expected string, received number",
      },
    ]);
  });

  it("name what is missing", () => {
    deepEqual(faultsOf({}), [
      {
        path: ["pools"],
        value: undefined,
        expected: "Invalid input: expected array, received undefined",
      },
    ]);
  });

  it("name each field that is not known, and do not repeat what is around it", () => {
    deepEqual(faultsOf({ pools: [{ url: "x", password: "secret", a: 1, b: [2] }] }), [
      { path: ["pools", 0, "a"], value: 1, expected: "no such field" },
      { path: ["pools", 0, "b"], value: [2], expected: "no such field" },
    ]);
  });
});
