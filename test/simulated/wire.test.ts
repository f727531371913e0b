import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EXPLAINED, type RegisterWriteCase } from "../conformance/asic/register-write-cases.js";
import { SEQUENCES, theirsOf, withoutDifferences } from "../conformance/asic/sequences.js";
import { vectorCases } from "../conformance/asic/vectors.js";
import { assertBuilt, headframe } from "./program.js";
import { Rig } from "./rig.js";
import { until } from "./until.js";

/** By machine: its sequence, and chip and machines of register_writes.json whose writes it sends. */
const MACHINES = [
  { machine: "s19-xp", sequence: "bm1366-s19xp", chip: "BM1366", writes: /^S19 XP$/ },
  { machine: "s19j-pro", sequence: "bm1362-s19jpro", chip: "BM1362", writes: /^S19j Pro$/ },
  { machine: "s21-pro", sequence: "bm1370-s21pro", chip: "BM1370", writes: /S21 Pro$/ },
  { machine: "bitaxe-ultra", sequence: "bm1366-esp", chip: "BM1366", writes: /^Bitaxe$/ },
  { machine: "bitaxe-supra", sequence: "bm1368-esp", chip: "BM1368", writes: /^Bitaxe$/ },
  { machine: "bitaxe-gamma", sequence: "bm1370-esp", chip: "BM1370", writes: /^Bitaxe/ },
];

/** Enough to see jobs, answers and their pairing. */
const NONCES = 8;
/** The reset that ends one may cut an answer in two. */
const MOST_RECORDINGS = 3;

interface WireFrame {
  readonly dir: ">" | "<";
  readonly frame: string;
  readonly crcOk: boolean;
  readonly kind: string;
}

interface Recording {
  /** As the virtual machine and as the controller saw the wire. */
  readonly captureFile: string;
  readonly tapFile: string;
  readonly frames: readonly WireFrame[];
}

describe("the wire of a chain", function () {
  this.timeout(180_000);
  const recordings = new Map<string, Recording>();
  const running: Rig[] = [];

  before("records the bring-up and the first nonces of each machine", async () => {
    assertBuilt();
    const made = await Promise.all(
      MACHINES.map(async ({ machine, sequence, chip }) => {
        const { freqMHz } = SEQUENCES.find(({ name }) => name === sequence)!;
        for (let tries = MOST_RECORDINGS; ; tries -= 1) {
          const rig = new Rig({
            ...{ machine, chains: [0], records: true, taps: true },
            // The captured ticket mask, and a pool that asks for no lower one.
            config: { freqMHz, ticketDifficulty: 256 },
            pool: { startDifficulty: 256 },
          });
          running.push(rig);
          await rig.start();
          const recording = await record(rig, chip);
          if (endsWhole(recording) || tries === 1) return [machine, recording] as const;
        }
      }),
    );
    for (const [machine, recording] of made) recordings.set(machine, recording);
  });

  after(async () => {
    for (const rig of running) await rig.stop();
  });

  for (const { machine, sequence, chip, writes } of MACHINES)
    describe(machine, () => {
      const recordingOf = (): Recording => recordings.get(machine)!;
      const sent = (): string[] =>
        recordingOf()
          .frames.filter(({ dir, kind }) => dir === ">" && kind !== "job")
          .map(({ frame }) => frame);

      it("carries the captured bring-up, frame by frame, apart from the explained differences", () => {
        const facts = SEQUENCES.find(({ name }) => name === sequence)!;
        const ours = withoutDifferences("ours", labelled(sent()), facts);
        const theirs = theirsOf(facts).filter(({ what }) => what.startsWith("55aa"));
        ok(theirs.length > 20);
        deepEqual(
          ours.map(({ what }) => what),
          theirs.map(({ what }) => what),
        );
      });

      it("carries every captured register write that is not explained away", () => {
        const wanted = vectorCases<RegisterWriteCase>("register_writes").filter(
          (write) =>
            write.chip === chip && writes.test(write.machine) && EXPLAINED[write.id] === undefined,
        );
        // Drive and relay of the S21 XP have a geometry of their own.
        const missing = wanted.filter(
          ({ id, frame }) => !sent().includes(frame) && !/^bm1370-s21xps21pro-(58|2c)-/.test(id),
        );
        ok(wanted.length > 0);
        deepEqual(missing, []);
      });

      it("is seen alike by both ends", async () => {
        const { captureFile, tapFile } = recordingOf();
        equal(hostBytes(tapFile), hostBytes(captureFile));
        const tapped = await decode(tapFile, chip);
        deepEqual(
          tapped.filter(({ kind }) => kind === "garbage"),
          [],
        );
      });

      it("decodes to whole frames with good checksums", () => {
        const bad = recordingOf().frames.filter(({ kind, crcOk }) => kind === "garbage" || !crcOk);
        deepEqual(bad, []);
      });

      it("checks: every nonce meets the ticket mask of a job that was sent", async () => {
        const lines = await check(recordingOf().captureFile, chip);
        const totals = lines.pop()!;
        const { nonces, ...rest } = totals;
        ok(Number(nonces) >= NONCES, JSON.stringify(totals));
        equal(nonces, lines.length);
        deepEqual(
          lines.filter((line) => line["ok"] !== true),
          [],
        );
        deepEqual(rest, {
          ...{ total: true, ok: nonces, hwErrors: 0, unknownJob: 0, crcErrors: 0, garbageBytes: 0 },
        });
      });
    });
});

/** Lets the rig mine and stops the recording at a moment when the wire rests. */
async function record(rig: Rig, chip: string): Promise<Recording> {
  const file = join(rig.captureDir, "chain0.capture");
  await rig.untilMining();
  await rig.untilChain(0, `${NONCES} nonces`, ({ counters }) => {
    return counters.nonces.share + counters.nonces.belowTarget >= NONCES;
  });
  await rig.pool.stop();
  await until(async () => ((await rig.status())?.pool.state === "ready" ? undefined : true), {
    what: "work stops",
  });
  await rig.controller.stop();
  await rig.virtual.stop();
  return {
    captureFile: file,
    tapFile: join(rig.tapDir, "chain0.txt"),
    frames: await decode(file, chip),
  };
}

function endsWhole({ frames }: Recording): boolean {
  return frames.findLast(({ dir }) => dir === "<")?.kind !== "garbage";
}

async function decode(file: string, chip: string): Promise<WireFrame[]> {
  const { exitCode, stdout, stderr } = await headframe([
    ...["wire", "decode", "--chip", chip, "--json", file],
  ]);
  equal(exitCode, 0, stderr);
  return jsonLines(stdout) as unknown as WireFrame[];
}

async function check(file: string, chip: string): Promise<Record<string, unknown>[]> {
  const { exitCode, stdout, stderr } = await headframe([
    ...["wire", "check", "--chip", chip, "--network", "virtual", "--json", file],
  ]);
  equal(exitCode, 0, stderr);
  return jsonLines(stdout);
}

function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Everything that the host sent, in one piece. */
function hostBytes(file: string): string {
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => /^\S+ > ([0-9a-f]+)$/.exec(line)?.[1] ?? [])
    .join("");
}

/** Reads of chip ids named as the list of differences names them. */
function labelled(frames: readonly string[]): { what: string; delayMs: number }[] {
  const discovery = frames.findIndex((frame) => frame.startsWith("55aa5205"));
  return frames.map((frame, index) => {
    if (frame.startsWith("55aa4205")) return { what: `check ${frame}`, delayMs: 0 };
    const isAgain = frame.startsWith("55aa5205") && index > discovery;
    return { what: isAgain ? "check addresses" : frame, delayMs: 0 };
  });
}
