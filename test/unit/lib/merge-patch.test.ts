import { deepEqual } from "node:assert/strict";
import { mergePatch } from "../../../src/lib/merge-patch.js";

/** Documented: RFC 7396, appendix A. */
const CASES: readonly (readonly [string, string, string])[] = [
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', "{}"],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['["a","b"]', '["c","d"]', '["c","d"]'],
  ['{"a":"b"}', '["c"]', '["c"]'],
  ['{"a":"foo"}', "null", "null"],
  ['{"a":"foo"}', '"bar"', '"bar"'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ["[1,2]", '{"a":"b","c":null}', '{"a":"b"}'],
  ["{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
];

describe("a merge patch", () => {
  for (const [target, patch, expected] of CASES)
    it(`makes ${expected} of ${target} by ${patch}`, () => {
      deepEqual(mergePatch(JSON.parse(target), JSON.parse(patch)), JSON.parse(expected));
    });

  it("changes no prototype", () => {
    mergePatch({}, JSON.parse('{"__proto__":{"polluted":true}}'));
    deepEqual(({} as { polluted?: unknown }).polluted, undefined);
  });
});
