import { deepEqual, equal } from "node:assert/strict";
import { assert, property, uint8Array } from "fast-check";
import { hex32, hexNumber, parseHex, toHex } from "../../../src/lib/bytes.js";

describe("hex", () => {
  it("reads back what it writes", () => {
    assert(
      property(uint8Array(), (bytes) => {
        deepEqual(parseHex(toHex(bytes)), bytes);
      }),
    );
  });

  it("writes a view, not the buffer under it", () => {
    equal(toHex(new Uint8Array([1, 2, 3, 4]).subarray(1, 3)), "0203");
  });

  it("reads either case", () => {
    deepEqual(parseHex("aA55"), new Uint8Array([0xaa, 0x55]));
  });

  for (const text of ["5", "0x55", "55 aa", "5g", "55\n5"])
    it(`refuses ${JSON.stringify(text)}`, () => {
      equal(parseHex(text), undefined);
    });

  it("writes 32-bit numbers unsigned, in eight digits", () => {
    equal(hex32(0), "00000000");
    equal(hex32(-1), "ffffffff");
    equal(hex32(0x8000_0001), "80000001");
  });

  it("writes registers and addresses with a prefix and at least the digits asked for", () => {
    equal(hexNumber(5), "0x05");
    equal(hexNumber(0xa8, 4), "0x00a8");
    equal(hexNumber(0x12345), "0x12345");
  });
});
