import { deepEqual, equal, ok } from "node:assert/strict";
import { loadVectors } from "../../fixtures/stratum/load-vectors.js";
import { checkText } from "../../unit/pool/transcript/check-text.js";

interface CapturedLine {
  readonly t_ms?: number;
  readonly from_?: "client" | "server";
  readonly line?: string;
  /** What the test miner did wrong on purpose in the next submission. */
  readonly note?: string;
}

interface Capture {
  readonly id: string;
  readonly lines: readonly CapturedLine[];
}

interface JobCase {
  readonly id: string;
  readonly subscribe: { readonly extranonce1: string; readonly extranonce2_size: number };
  readonly version_mask: string | null;
  readonly notify_params: readonly unknown[];
  readonly submit_params: readonly string[];
  readonly expect: {
    readonly header: string;
    readonly hash_display: string;
    readonly difficulty: number;
  };
  readonly pool_difficulty?: number;
}

/** What the mistakes of the test miner are called. `upper` and `bad_version` depend on the session. */
const BY_NOTE: Readonly<Record<string, string>> = {
  duplicate: "duplicate",
  wrong_job: "unknown-job",
  wrong_nonce: "low-difficulty",
  wrong_user: "worker-not-authorized",
  short_e2: "wrong-extranonce2-size",
  long_e2: "wrong-extranonce2-size",
  ntime_low: "ntime-too-old",
  ntime_far: "ntime-too-new",
  few: "malformed",
  nonhex: "malformed",
  empty: "malformed",
};

function transcriptOf({ id, lines }: Capture): string {
  const text = lines.map(({ t_ms: tMs = 0, from_: from, line, ...rest }) =>
    line === undefined
      ? `# ${JSON.stringify(rest)}`
      : `${(tMs / 1000).toFixed(6)} ${from === "client" ? ">" : "<"} ${line}`,
  );
  return [`# ${id}`, ...text, ""].join("\n");
}

/** The notes of the submissions, in their order. */
function notesOf({ lines }: Capture): readonly (string | undefined)[] {
  const notes: (string | undefined)[] = [];
  let note: string | undefined;
  for (const line of lines) {
    note = line.note ?? note;
    if (line.line?.includes('"mining.submit"') !== true) continue;
    notes.push(note);
    note = undefined;
  }
  return notes;
}

describe("transcripts of captured sessions (vectors v1-captures)", () => {
  let submits = 0;
  for (const capture of loadVectors<Capture>("v1-captures"))
    it(`are judged as the pool judged: ${capture.id}`, async () => {
      const checked = await checkText(transcriptOf(capture));
      const notes = notesOf(capture);
      equal(checked.submits.length, notes.length);
      for (const [index, { answer, agrees, verdict }] of checked.submits.entries()) {
        submits += 1;
        const note = notes[index];
        const expected = note === undefined ? "good" : BY_NOTE[note];
        if (expected !== undefined) equal(verdict, expected, note);
        if (answer !== null) equal(agrees, true, `${String(note)}: ${verdict}, ${answer}`);
      }
      const { unreadableLines, unusableLines, strayAnswers } = checked.totals;
      deepEqual([unreadableLines, unusableLines, strayAnswers], [0, 0, 0]);
    });

  after(() => {
    ok(submits >= 40, "the captures have submissions");
  });
});

describe("transcripts of single shares (vectors v1-jobs)", () => {
  for (const vector of loadVectors<JobCase>("v1-jobs"))
    it(`rebuild and accept ${vector.id}`, async () => {
      const { extranonce1, extranonce2_size: size } = vector.subscribe;
      const mask = { "version-rolling": true, "version-rolling.mask": vector.version_mask };
      const messages: readonly (readonly [string, object])[] = [
        [">", { id: 1, method: "mining.configure", params: [["version-rolling"], {}] }],
        ["<", { id: 1, result: vector.version_mask === null ? {} : mask, error: null }],
        [">", { id: 2, method: "mining.subscribe", params: [] }],
        ["<", { id: 2, result: [[], extranonce1, size], error: null }],
        [">", { id: 3, method: "mining.authorize", params: [vector.submit_params[0], "x"] }],
        ["<", { id: 3, result: true, error: null }],
        ["<", { method: "mining.set_difficulty", params: [vector.pool_difficulty ?? 1] }],
        ["<", { method: "mining.notify", params: vector.notify_params }],
        [">", { id: 4, method: "mining.submit", params: vector.submit_params }],
        ["<", { id: 4, result: true, error: null }],
      ];
      const text = messages.map(([dir, message]) => `0.5 ${dir} ${JSON.stringify(message)}\n`);
      const { submits } = await checkText(text.join(""));
      const [{ header, hash, difficulty, poolDifficulty, verdict, agrees } = {}] = submits;
      equal(header, vector.expect.header);
      equal(hash, vector.expect.hash_display);
      equal(difficulty?.toPrecision(12), vector.expect.difficulty.toPrecision(12));
      equal(poolDifficulty, vector.pool_difficulty ?? 1);
      deepEqual([verdict, agrees], ["good", true]);
    });
});
