import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { registerPsuCommands } from "../../../src/commands/psu.js";
import { isMinerError } from "../../../src/lib/errors.js";
import { powerVectors } from "./vectors.js";

interface Outcome {
  readonly stdout: string;
  readonly exitCode: number;
}

/** Runs `headframe psu ...` inside this process, with usage errors thrown and its output caught. */
async function psu(...args: string[]): Promise<Outcome> {
  const program = new Command("headframe");
  registerPsuCommands(program);
  for (const command of program.commands.flatMap((group) => [group, ...group.commands]))
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  const { stdout, stderr, exitCode } = process;
  const before = { stdout: stdout.write.bind(stdout), stderr: stderr.write.bind(stderr) };
  const lines: string[] = [];
  stdout.write = (text: string | Uint8Array) => lines.push(String(text)) > 0;
  stderr.write = () => true;
  try {
    await program.parseAsync(["psu", ...args], { from: "user" });
    return { stdout: lines.join(""), exitCode: Number(process.exitCode ?? 0) };
  } finally {
    stdout.write = before.stdout;
    stderr.write = before.stderr;
    process.exitCode = exitCode;
  }
}

interface Document {
  readonly model: string;
  readonly types: readonly string[];
  readonly items: readonly { kind: string; meaning: string; values?: Record<string, unknown> }[];
  readonly totals: Readonly<Record<string, number>>;
}

describe("headframe psu decode", () => {
  let dir = "";
  before(() => {
    dir = mkdtempSync(join(tmpdir(), "psu-decode-"));
  });
  after(() => {
    rmSync(dir, { recursive: true });
  });

  function file(content: string | Uint8Array): string {
    const path = join(dir, "recording");
    writeFileSync(path, content);
    return path;
  }

  async function document(content: string | Uint8Array, model: string): Promise<Document> {
    const { stdout } = await psu("decode", "--model", model, "--json", file(content));
    return JSON.parse(stdout) as Document;
  }

  for (const version of [1, 2] as const)
    it(`takes all vectors of version ${version}, in hex and in binary`, async () => {
      const { vectors } = powerVectors<{ vectors: { hex: string; dir: string }[] }>(
        `psu_v${version}_frames`,
      );
      const lines = vectors.map(({ hex, dir: way }) => `${way === "psu>host" ? "<" : ">"} ${hex}`);
      const model = version === 1 ? "0x71" : "0x62";
      for (const content of [
        lines.join("\n"),
        new Uint8Array(Buffer.from(vectors.map(({ hex }) => hex).join(""), "hex")),
      ]) {
        const { items, totals } = await document(content, model);
        equal(totals["frames"], vectors.length);
        equal(items.length, vectors.length);
        ok(items.every(({ meaning }) => meaning !== "unknown command"));
      }
    });

  it("takes no bad vector for a frame of the type asked for", async () => {
    const { vectors } = powerVectors<{ vectors: { id: string; hex: string }[] }>("psu_v1_negative");
    for (const { id, hex } of vectors) {
      const { totals } = await document(hex, "0x71");
      equal(totals["frames"], id === "wrong_cmd_echo" ? 1 : 0, id);
    }
  });

  it("prints one document with everything in it", async () => {
    const { model, types, items, totals } = await document("55AA0602710079 00 F5 0102", "apw12");
    equal(model, "apw12");
    deepEqual(types, ["0x71"]);
    deepEqual(
      items.map(({ kind }) => kind),
      ["frame", "notReady", "garbage"],
    );
    deepEqual(totals, { frames: 1, badFrames: 0, notReady: 1, calibrations: 0, garbageBytes: 2 });
  });

  it("prints text for people", async () => {
    const { stdout, exitCode } = await psu("decode", "--model", "0x71", file("55AA068309009200"));
    ok(stdout.includes("setpoint 9, railMv 15010 (15.010 V)"), stdout);
    equal(exitCode, 0);
  });

  it("decodes a calibration block", async () => {
    interface Calibration {
      synthetic: { block_hex: string; points: { n: number; offset_mv: number }[] };
    }
    const { synthetic } = powerVectors<Calibration>("psu_calibration");
    const { items, totals } = await document(synthetic.block_hex, "0x71");
    equal(totals["calibrations"], 1);
    const points = items[0]?.values?.["points"] as { setpoint: number; offsetMv: number }[];
    deepEqual(
      points.map(({ setpoint, offsetMv }) => [setpoint, offsetMv]),
      synthetic.points.map(({ n, offset_mv }) => [n, offset_mv]),
    );
  });

  it("ends with 1 when it understood nothing", async () => {
    equal((await psu("decode", "--model", "0x71", file("01020304"))).exitCode, 1);
  });

  it("refuses a file that is not there, a bad line, and a model that nobody knows", async () => {
    const missing = join(dir, "missing");
    await rejects(psu("decode", "--model", "0x71", missing), (error) =>
      isMinerError(error, "CAPTURE_UNREADABLE"),
    );
    await rejects(psu("decode", "--model", "0x71", file("hello")), (error) =>
      isMinerError(error, "CAPTURE_INVALID"),
    );
    await rejects(psu("decode", "--model", "apw99", file("55AA")), (error) =>
      isMinerError(error, "BOARDS_UNKNOWN"),
    );
  });

  it("cannot do without a model", async () => {
    await rejects(psu("decode", file("55AA")), (error) => error instanceof CommanderError);
  });
});
