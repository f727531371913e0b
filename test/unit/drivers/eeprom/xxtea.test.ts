import { deepEqual } from "node:assert/strict";
import { assert, integer, property, uint8Array } from "fast-check";
import { xxteaDecrypt } from "../../../../src/drivers/eeprom/xxtea.js";
import { xxteaEncrypt } from "./xxtea-encrypt.js";

describe("XXTEA", () => {
  it("gives back what was encrypted, from two words to a whole memory", () => {
    const sized = integer({ min: 2, max: 63 }).chain((words) =>
      uint8Array({ minLength: words * 4, maxLength: words * 4 }),
    );
    assert(
      property(sized, uint8Array({ minLength: 16, maxLength: 16 }), (plain, key) => {
        deepEqual(xxteaDecrypt(xxteaEncrypt(plain, key), key), plain);
      }),
    );
  });

  it("leaves the bytes that it was given alone", () => {
    const cipher = new Uint8Array(16).fill(7);
    xxteaDecrypt(cipher, new Uint8Array(16));
    deepEqual(cipher, new Uint8Array(16).fill(7));
  });
});
