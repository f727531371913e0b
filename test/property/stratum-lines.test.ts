import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { MAINNET } from "../../src/bitcoin/network.js";
import { LineReader } from "../../src/pool/stratum-v1/line-reader.js";
import { parseLine } from "../../src/pool/stratum-v1/messages.js";

/** Cuts bytes at the given places, in any order and more than once. */
function cut(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length];
  const sorted = ends.toSorted((a, b) => a - b);
  return sorted.map((end, index) => bytes.subarray(sorted[index - 1] ?? 0, end));
}

const text = fc.string({ unit: "binary", maxLength: 60 }).map((line) => line.replaceAll("\n", ""));
const places = fc.array(fc.nat(), { maxLength: 40 });

describe("any segmentation of a line stream", () => {
  it("gives the same lines, whole and in order", () => {
    fc.assert(
      fc.property(fc.array(text), fc.constantFrom("\n", "\r\n"), places, (lines, end, at) => {
        const stream = Buffer.from(lines.map((line) => line + end).join(""));
        const reader = new LineReader();
        const read = cut(stream, at).flatMap((chunk) => reader.push(chunk).lines);
        const decoded = lines.map((line) => Buffer.from(line).toString("utf8").trim());
        deepEqual(
          read,
          decoded.filter((line) => line !== ""),
        );
        equal(reader.pendingBytes, 0);
      }),
    );
  });

  it("refuses a line beyond the limit at any cut, and gives every line before it", () => {
    fc.assert(
      fc.property(fc.nat(8), fc.integer({ min: 17, max: 64 }), places, (before, length, at) => {
        const good = "a".repeat(16);
        const stream = `${`${good}\n`.repeat(before)}${"b".repeat(length)}\nc\n`;
        const reader = new LineReader(16);
        const reads = cut(Buffer.from(stream), at).map((chunk) => reader.push(chunk));
        deepEqual(
          reads.flatMap(({ lines }) => lines),
          Array.from({ length: before }, () => good),
        );
        equal(reads.at(-1)?.isTooLong, true);
      }),
    );
  });
});

describe("any line", () => {
  it("is read without an exception", () => {
    const method = fc.constantFrom(
      "mining.notify",
      "mining.set_difficulty",
      "mining.set_extranonce",
      "mining.set_version_mask",
      "client.reconnect",
      "client.show_message",
      "constructor",
    );
    const call = fc.record(
      { id: fc.jsonValue(), method, params: fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue()) },
      { requiredKeys: [] },
    );
    const response = fc.record(
      { id: fc.oneof(fc.nat(), fc.jsonValue()), result: fc.jsonValue(), error: fc.jsonValue() },
      { requiredKeys: [] },
    );
    const line = fc.oneof(
      fc.string(),
      fc.json(),
      call.map((value) => JSON.stringify(value)),
      response.map((value) => JSON.stringify(value)),
    );
    fc.assert(fc.property(line, (value) => typeof parseLine(value, MAINNET).kind === "string"));
  });

  it("are not parsed when they nest deeper than any message", () => {
    const nested = (depth: number): string => `{"x":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    equal(parseLine(nested(60), MAINNET).kind, "ignored");
    equal(parseLine(nested(500_000), MAINNET).kind, "malformed");
    equal(parseLine("[".repeat(500_000), MAINNET).kind, "malformed");
  });
});
