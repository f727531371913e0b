import { deepEqual, equal, ok } from "node:assert/strict";
import { buildFrame, type FrameVersion, parseFrame } from "../../../src/drivers/psu/frame.js";
import { toHex } from "../../../src/lib/bytes.js";
import { powerVectors } from "./vectors.js";

interface FrameVector {
  readonly id: string;
  readonly dir: string;
  readonly hex: string;
  readonly decoded: {
    readonly cmd: string;
    readonly n?: number;
    readonly type?: string;
    readonly value_le16?: number;
    readonly on?: boolean;
    readonly adc_le16?: number;
    readonly ctrl?: number;
    readonly volts_float32_le?: number;
  };
}

const TYPE_REQUEST = 0x02;

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));

for (const version of [1, 2] as const) {
  const { vectors } = powerVectors<{ vectors: FrameVector[] }>(`psu_v${version}_frames`);
  describe(`frames of supplies, version ${version}`, () => {
    for (const { id, hex, decoded } of vectors) {
      it(`takes ${id} and makes the same bytes of it`, () => {
        const parsed = parseFrame(version, bytesOf(hex));
        ok(parsed.ok);
        equal(toHex(buildFrame(version, parsed.command, parsed.payload)), hex.toLowerCase());
        const view = new DataView(Uint8Array.from([...parsed.payload, 0, 0, 0, 0]).buffer);
        const word = view.getUint16(0, true);
        const { n, type, value_le16, on, adc_le16, ctrl, volts_float32_le } = decoded;
        if (version === 2) equal(parsed.command, Number(decoded.cmd));
        for (const value of [n, type, value_le16, adc_le16])
          if (value !== undefined) equal(word, Number(value));
        if (on !== undefined) equal(word === 1, on);
        if (ctrl !== undefined) equal(version === 1 ? word : word >> 8, ctrl);
        if (volts_float32_le !== undefined) equal(view.getFloat32(0, true), volts_float32_le);
      });

      it(`does not take ${id} for a frame of the other version`, () => {
        const other: FrameVersion = version === 1 ? 2 : 1;
        equal(parseFrame(other, bytesOf(hex)).ok, false);
      });
    }
  });
}

describe("frames of supplies that must be refused", () => {
  const REFUSALS: Readonly<Record<string, string>> = {
    bad_sum: "checksum",
    sum_wrong_order: "checksumSwapped",
    short: "short",
    wrong_cmd_echo: "command",
    nak: "refused",
    all_f5: "refused",
    bus_idle: "idle",
  };
  const { vectors } = powerVectors<{ vectors: { id: string; hex: string; why: string }[] }>(
    "psu_v1_negative",
  );

  it("names each of them", () => {
    deepEqual(vectors.map(({ id }) => id).sort(), Object.keys(REFUSALS).sort());
  });

  for (const { id, hex, why } of vectors)
    it(`refuses ${id}: ${why}`, () => {
      const parsed = parseFrame(1, bytesOf(hex), TYPE_REQUEST);
      deepEqual(parsed, { ok: false, refusal: REFUSALS[id] });
    });
});
