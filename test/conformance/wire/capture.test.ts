import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { isMinerError } from "../../../src/lib/errors.js";
import { formatBurst, parseCaptureLine } from "../../../src/wire/capture.js";
import { bytesOfHex } from "../codec/vectors.js";
import { captureText, decodeText } from "./captures.js";

describe("capture format", () => {
  it("reads a burst of either direction", () => {
    deepEqual(parseCaptureLine("0.003125 < aa551370000000", 1), {
      timeS: 0.003125,
      dir: "<",
      bytes: bytesOfHex("aa551370000000"),
    });
    equal(parseCaptureLine("12 > 55aa520500000a\r", 1)?.dir, ">");
  });

  it("skips comments and blank lines", () => {
    for (const line of ["", "  ", "# chip=BM1370 chips=65", "   # 0.0 > 55"])
      equal(parseCaptureLine(line, 1), undefined);
    equal(parseCaptureLine("0.5 > 55aa # half a preamble", 1)?.bytes.length, 2);
  });

  it("writes what it reads", () => {
    const line = "7.000042 > 55aa5305000003";
    const burst = parseCaptureLine(line, 1);
    equal(burst && formatBurst(burst), line);
  });

  for (const [what, line] of [
    ["no direction", "0.0 55aa"],
    ["an unknown direction", "0.0 = 55aa"],
    ["no bytes", "0.0 >"],
    ["half a byte", "0.0 > 55a"],
    ["upper-case hex", "0.0 > 55AA"],
    ["blanks inside hex", "0.0 > 55 aa"],
    ["no time", "> 55aa"],
    ["a time that is no number", "x > 55aa"],
    ["a negative time", "-1.0 > 55aa"],
  ] as const)
    it(`refuses ${what} by line, text and expectation`, () => {
      throws(
        () => parseCaptureLine(line, 42),
        (error) =>
          isMinerError(error, "CAPTURE_INVALID") &&
          error.context["line"] === 42 &&
          error.context["text"] === line &&
          String(error.context["expected"]).startsWith("SECONDS > HEX"),
      );
    });

  it("counts comment lines in the line number", async () => {
    await rejects(
      decodeText("# one\n\n0.0 > 55aa\nrubbish\n"),
      (error) => isMinerError(error, "CAPTURE_INVALID") && error.context["line"] === 4,
    );
  });

  it("takes a last line without line end", async () => {
    const text = captureText([[">", "55aa520500000a"]]).trimEnd();
    equal((await decodeText(text)).length, 1);
  });

  it("takes an empty capture", async () => {
    deepEqual(await decodeText("# nothing was said\n"), []);
  });
});
