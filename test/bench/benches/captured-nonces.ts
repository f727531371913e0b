import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../../src/lib/project-root.js";

/** A job and an answer to it, as they were on the wire of real chips. */
export interface CapturedNonce {
  readonly id: string;
  readonly chip: string;
  /** 88 bytes, hex. */
  readonly jobFrame: string;
  /** 11 bytes, hex. */
  readonly responseFrame: string;
}

/** Reads test/fixtures/bm13xx/nonces_full_header.json. */
function capturedNonces(): readonly CapturedNonce[] {
  const file = join(projectRoot(), "test/fixtures/bm13xx/nonces_full_header.json");
  const { cases } = JSON.parse(readFileSync(file, "utf8")) as {
    cases: { id: string; chip: string; job_frame: string; response_frame: string }[];
  };
  return cases.map(({ id, chip, job_frame, response_frame }) => ({
    id,
    chip,
    jobFrame: job_frame,
    responseFrame: response_frame,
  }));
}

/** The one that stands for all: every captured nonce costs the same. */
export function capturedNonce(): CapturedNonce {
  const [first] = capturedNonces();
  if (first === undefined) throw new Error("no captured nonce");
  return first;
}
