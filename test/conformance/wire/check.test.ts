import { deepEqual, equal, ok } from "node:assert/strict";
import { loadAddon } from "../../../src/hal/native.js";
import { toHex } from "../../../src/lib/bytes.js";
import { formatCheck } from "../../../src/wire/check.js";
import {
  bytesOfHex,
  type JobCase,
  type NonceCase,
  vectorCase,
  vectorCases,
} from "../codec/vectors.js";
import { captureText, checkText, type Line, nonceFrame, writeFrame } from "./captures.js";

const NONCES = vectorCases<NonceCase>("nonces_full_header");
const GAMMA = vectorCase("nonces_full_header", "bm1370-gamma-job68") as NonceCase;

/** Register 0x14 for a power of two of at most 256: the mask bit-reversed. */
function ticketMaskFrame(difficulty: number): string {
  const zeroBits = Math.log2(difficulty);
  return writeFrame(0x14, 0x100 - (0x100 >>> zeroBits));
}

function close(actual: number | null, expected: number): void {
  ok(actual !== null && Math.abs(actual / expected - 1) < 1e-12, `${actual ?? "-"} ${expected}`);
}

describe("wire check", () => {
  for (const vector of NONCES)
    it(`proves ${vector.id} by its own header`, async () => {
      const text = captureText([
        [">", ticketMaskFrame(vector.ticket_mask_difficulty)],
        [">", vector.job_frame],
        ["<", vector.response_frame],
      ]);
      const { checks, totals } = await checkText(text, vector.chip);
      const [check] = checks;
      equal(checks.length, 1);
      equal(check?.t, 0.002);
      equal(check.jobByte, vector.decoded.job_id_byte);
      equal(check.nonceHex, vector.decoded.nonce_wire);
      equal(check.version, vector.version_used);
      equal(check.header, vector.header80);
      close(check.difficulty, vector.difficulty);
      equal(check.core, vector.decoded.core);
      deepEqual([check.ok, check.reason], [true, null]);
      deepEqual(totals, {
        total: true,
        nonces: 1,
        ok: 1,
        hwErrors: 0,
        unknownJob: 0,
        crcErrors: 0,
        garbageBytes: 0,
      });
    });

  it("proves every published result of the header of block 839900", async () => {
    interface BlockCase {
      readonly nonce_wire: string;
      readonly version_field: string;
      readonly version_used: string;
      readonly header80: string;
      readonly difficulty: number;
      readonly core: number;
    }
    const cases = vectorCases<BlockCase>("nonces_block839900");
    const job = vectorCase("jobs_full_header", "block839900-len36") as JobCase;
    const answers = cases.map(({ nonce_wire: nonce, version_field: field }): Line => [
      "<",
      nonceFrame(nonce, job.fields.job_id_byte | (Number(field) & 7), Number(field)),
    ]);
    const { checks, totals } = await checkText(captureText([[">", job.frame], ...answers]));
    for (const [index, vector] of cases.entries()) {
      const check = checks[index];
      equal(check?.header, vector.header80);
      equal(check.version, vector.version_used);
      equal(check.core, vector.core);
      close(check.difficulty, vector.difficulty);
    }
    deepEqual([totals.nonces, totals.ok, totals.hwErrors], [cases.length, cases.length, 0]);
  });

  it("pairs a late answer with the job that had the slot before", async () => {
    const { fields } = vectorCase("jobs_full_header", "bm1370-job18") as JobCase;
    const inSameSlot = toHex(
      loadAddon().encodeJob(
        {
          jobByte: GAMMA.decoded.job_id_byte,
          version: Number(fields.version),
          prevhash: bytesOfHex(fields.prev_hash_header_bytes),
          merkleRoot: bytesOfHex(fields.merkle_root_header_bytes),
          ntime: Number(fields.ntime),
          nbits: Number(fields.nbits),
        },
        0x56,
      ),
    );
    const lines: Line[] = [
      [">", GAMMA.job_frame],
      [">", inSameSlot],
      ["<", GAMMA.response_frame],
    ];
    const { checks } = await checkText(captureText(lines), "BM1370");
    equal(checks[0]?.header, GAMMA.header80);
    deepEqual([checks[0].ok, checks[0].reason], [true, "earlierJob"]);
  });

  it("does not pair a nonce with a job that comes later", async () => {
    const lines: Line[] = [
      ["<", GAMMA.response_frame],
      [">", GAMMA.job_frame],
    ];
    const { checks, totals } = await checkText(captureText(lines), "BM1370");
    deepEqual(checks, [
      {
        t: 0,
        jobByte: 0x68,
        nonceHex: "4c035275",
        version: null,
        header: null,
        difficulty: null,
        core: 38,
        chipAddress: null,
        ok: false,
        reason: "unknownJob",
      },
    ]);
    deepEqual([totals.unknownJob, totals.hwErrors, totals.ok], [1, 0, 0]);
  });

  it("counts a nonce that misses the ticket mask as a hardware error", async () => {
    const wrong = nonceFrame("4c035276", 0xd2, 0x05a2);
    const lines: Line[] = [
      [">", GAMMA.job_frame],
      ["<", wrong],
    ];
    const { checks, totals } = await checkText(captureText(lines), "BM1370");
    deepEqual([checks[0]?.ok, checks[0]?.reason], [false, "belowTicket"]);
    ok((checks[0]?.difficulty ?? 1) < 1);
    equal(totals.hwErrors, 1);
  });

  it("holds a nonce to the mask that was set last", async () => {
    const [easy] = NONCES;
    const { checks } = await checkText(
      captureText([
        [">", easy?.job_frame ?? ""],
        ["<", easy?.response_frame ?? ""],
        [">", ticketMaskFrame(256)],
        ["<", easy?.response_frame ?? ""],
      ]),
    );
    deepEqual(
      checks.map(({ reason }) => reason),
      [null, "belowTicket"],
    );
  });

  it("gives virtual difficulties on the virtual network", async () => {
    const lines: Line[] = [
      [">", GAMMA.job_frame],
      ["<", GAMMA.response_frame],
    ];
    const { checks } = await checkText(captureText(lines), "BM1370", "virtual");
    close(checks[0]?.difficulty ?? null, GAMMA.difficulty * 2 ** 28);
  });

  it("counts damage and never calls a damaged nonce good", async () => {
    const good = Buffer.from(GAMMA.response_frame, "hex");
    const damaged: Line[] = [];
    for (let at = 0; at < good.length; ++at)
      for (let change = 1; change < 256; ++change) {
        const bytes = Buffer.from(good);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        damaged.push(["<", bytes.toString("hex")]);
      }
    const lines: Line[] = [[">", ticketMaskFrame(256)], [">", GAMMA.job_frame], ...damaged];
    const { checks, totals } = await checkText(captureText(lines), "BM1370");
    // The excess byte and the sub-core are no part of the header: such a nonce is still true.
    for (const check of checks.filter((each) => each.ok)) equal(check.header, GAMMA.header80);
    // A changed last byte can also make a register answer.
    equal((damaged.length * good.length - totals.garbageBytes) % good.length, 0);
    ok(checks.length <= damaged.length / 32);
    ok(totals.crcErrors > 0);
  });

  it("has a line for readers", async () => {
    const lines: Line[] = [
      [">", GAMMA.job_frame],
      ["<", GAMMA.response_frame],
    ];
    const { checks, totals } = await checkText(captureText(lines), "BM1370");
    deepEqual([...checks, totals].map(formatCheck), [
      "0.001000 ok  job=0x68 nonce=4c035275 version=0x20b44000 difficulty=29588.01 core=38 chip=-",
      "1 nonces: 1 ok, 0 hardware errors, 0 of unknown jobs; 0 CRC errors, 0 garbage bytes",
    ]);
  });
});
