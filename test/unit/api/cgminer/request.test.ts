import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { isWhole, MAX_REQUEST_BYTES, parseRequest } from "../../../../src/api/cgminer/request.js";

describe("requests of the API of cgminer", () => {
  const parse = (text: string): unknown => parseRequest(Buffer.from(text));
  const whole = (text: string): boolean => isWhole(Buffer.from(text));

  it("are JSON when they begin with a brace, else text", () => {
    const asked = { is: "command", command: "asc", parameter: "1", isNewApi: false };
    deepEqual(parse('{"command":"asc","parameter":1}'), { form: "json", ...asked });
    deepEqual(parse("asc|1\n"), { form: "text", ...asked });
    deepEqual(parse('{"command":"stats","new_api":true}'), {
      ...{ form: "json", is: "command", command: "stats", parameter: undefined, isNewApi: true },
    });
  });

  it("keep bars of a parameter, and drop what is no parameter", () => {
    const of = (text: string): unknown => (parse(text) as { parameter?: string }).parameter;
    equal(of("addpool|a|b,c"), "a|b,c");
    equal(of("devs|"), undefined);
    equal(of('{"command":"a","parameter":["x"]}'), undefined);
    equal(of('{"command":"a","parameter":0.5}'), "0.5");
  });

  it("are over with their last brace, a newline or a zero byte", () => {
    for (const text of ['{"command":"a"}', '{"command":"a"}\n', "a\n", "a\0"])
      ok(whole(text), text);
    for (const text of ["", "a", "a|b", "{", '{"command":"a"', '{"command":"}', '{"a":{}'])
      ok(!whole(text), text);
    ok(whole("x".repeat(MAX_REQUEST_BYTES)));
  });

  it("never throw, whatever comes", () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 5000 }),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .tuple(fc.constantFrom('{"command":"', "{", "summary|", "\\", '{"parameter":'), fc.string())
        .map((parts) => Buffer.from(parts.join(""))),
    );
    fc.assert(
      fc.property(anything, (bytes) => {
        const request = parseRequest(bytes);
        ok(["command", "invalidJson", "noCommand"].includes(request.is));
        equal(typeof isWhole(bytes), "boolean");
      }),
      { numRuns: 2000 },
    );
  });
});
