import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { registerEepromCommand } from "../../../src/commands/eeprom.js";
import type { EepromReport } from "../../../src/drivers/eeprom/decode-eeprom.js";
import { toHex } from "../../../src/lib/bytes.js";
import { capturedMemories, imageOf } from "./vectors.js";

describe("eeprom decode", () => {
  const image = imageOf(capturedMemories()[0]!);
  const { stdout, stderr, exitCode } = process;
  let dir: string;

  before(() => {
    dir = mkdtempSync(join(tmpdir(), "eeprom-"));
  });
  after(() => {
    rmSync(dir, { recursive: true });
  });
  afterEach(() => {
    process.exitCode = exitCode;
  });

  /** Runs the command on a file; the streams are its own only as long as it runs. */
  async function decode(
    content: string | Uint8Array,
    ...options: readonly string[]
  ): Promise<{ out: string; err: string; status: typeof process.exitCode }> {
    const file = join(dir, "memory");
    writeFileSync(file, content);
    const program = new Command("headframe");
    registerEepromCommand(program);
    const written = { out: "", err: "" };
    const outWrite = stdout.write.bind(stdout);
    const errorWrite = stderr.write.bind(stderr);
    stdout.write = (text) => (written.out += String(text)) !== "";
    stderr.write = (text) => (written.err += String(text)) !== "";
    try {
      await program.parseAsync(["node", "headframe", "eeprom", "decode", file, ...options]);
    } finally {
      stdout.write = outWrite;
      stderr.write = errorWrite;
    }
    return { ...written, status: process.exitCode };
  }

  /** Serial number in the memory of a file. */
  async function serialIn(content: string | Uint8Array): Promise<string | undefined> {
    const { out } = await decode(content, "--json");
    const { content: found } = JSON.parse(out) as EepromReport;
    return found.is === "identity" ? found.identity.serial : undefined;
  }

  /** The image in lines of 16 bytes. */
  function lines(format: (address: number, bytes: readonly string[]) => string): string {
    return Array.from({ length: 16 }, (_, row) => {
      const bytes = Array.from(image.subarray(row * 16, row * 16 + 16), (value) =>
        toHex(Uint8Array.of(value)),
      );
      return `${format(row * 16, bytes)}\n`;
    }).join("");
  }

  const hex2 = (address: number): string => address.toString(16).padStart(2, "0");
  for (const [what, content] of [
    ["bytes", image],
    ["hex in one line", toHex(image).toUpperCase()],
    ["hex in lines", lines((_, bytes) => bytes.join(" "))],
    [
      "the output of i2cdump",
      `     0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f    0123456789abcdef\n${lines(
        (address, bytes) => `${hex2(address)}: ${bytes.join(" ")}    ab cd 12.?`,
      )}`,
    ],
    [
      "the log of the stock firmware",
      lines((address, bytes) => {
        const upper = bytes.map((each) => each.toUpperCase());
        return `0x00${hex2(address).toUpperCase()} ${upper.slice(0, 8).join(" ")}   ${upper.slice(8).join(" ")} `;
      }),
    ],
    [
      "the output of hexdump -C",
      lines(
        (address, bytes) =>
          `000000${hex2(address)}  ${bytes.slice(0, 8).join(" ")}  ${bytes.slice(8).join(" ")}  |..|`,
      ),
    ],
  ] as const)
    it(`takes ${what}`, async () => {
      equal(await serialIn(content), "NGSBYI3BBJEAJ8194");
    });

  it("prints every field, the plain bytes and exits with 0", async () => {
    const { out, err, status } = await decode(image);
    match(out, /^hashboard +NGSBYI3BBJEAJ8194\n/);
    match(out, /voltageX100 +1260\n/);
    match(out, /plain +034e4753/);
    match(out, /no field, from 66 +0000050043\n/);
    deepEqual([err, status], ["", exitCode]);
  });

  it("says what stands behind the used bytes", async () => {
    const { out } = await decode(Buffer.from(image).fill("rubbish", 0x4a, 0x51));
    match(out, /not known:\n {2}From 0x4a on stands 72756262697368f/);
  });

  it("exits with 1 for a blank memory", async () => {
    const { out, err, status } = await decode("ff".repeat(256));
    equal(out, "blank: nothing was ever written\n");
    match(err, /^EEPROM_BLANK/);
    equal(status, 1);
  });

  it("exits with 1 and the reason for a memory that is not understood, and prints what it has", async () => {
    const wrong = new Uint8Array(image);
    wrong[30] = 0;
    const { out, err, status } = await decode(wrong, "--json");
    const report = JSON.parse(out) as EepromReport;
    deepEqual([report.header, report.regions[0]?.is], ["114a", "unknown"]);
    const { error } = JSON.parse(err) as { error: { code: string; context: { reason: string } } };
    equal(error.code, "EEPROM_UNKNOWN");
    match(error.context.reason, /none of 4 known keys/);
    equal(status, 1);
  });

  it("counts the bytes of a file that is too short", async () => {
    const { err, status } = await decode(toHex(image.subarray(0, 74)));
    match(err, /EEPROM_UNKNOWN.*reason=74 bytes/);
    equal(status, 1);
  });

  it("refuses a file that is no memory, and names one that cannot be read", async () => {
    for (const content of ["", "no hex at all\n"])
      await rejects(decode(content), { code: "CAPTURE_INVALID" });
    const program = new Command("headframe");
    registerEepromCommand(program);
    await rejects(
      program.parseAsync(["node", "headframe", "eeprom", "decode", join(dir, "missing")]),
      { code: "CAPTURE_UNREADABLE" },
    );
  });
});
