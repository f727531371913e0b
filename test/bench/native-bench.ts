import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "../../src/lib/project-root.js";

const BINARY = "build/native-bench/bench";

/** What the native benches print. */
export interface NativeResult {
  readonly count: number;
  /** CPU time. */
  readonly ns: number;
  /** The implementation that hashes one message at a time. */
  readonly hash: string;
}

/** Compiles what changed. Throws when that fails. */
export function buildNativeBench(): void {
  execFileSync("make", ["--silent", "-f", "test/bench/native.mk"], {
    cwd: projectRoot(),
    stdio: ["ignore", "inherit", "inherit"],
  });
}

/** Runs one native bench and parses what it prints. Throws when it fails. */
export function runNative(...args: readonly string[]): unknown {
  const text = execFileSync(join(projectRoot(), BINARY), args, { encoding: "utf8" });
  return JSON.parse(text);
}

/** Best of several runs: whatever disturbs a run makes it slower, never faster. */
export function fastest(runs: number, ...args: readonly string[]): NativeResult {
  const results = Array.from({ length: runs }, () => runNative(...args) as NativeResult);
  return results.reduce((best, result) =>
    result.ns / result.count < best.ns / best.count ? result : best,
  );
}

/** Instructions that the bench spends in its `measured` functions, per piece counted. */
export function instructionsPer(...args: readonly string[]): {
  readonly instructions: number;
  readonly hash: string;
} {
  const { status, stdout, stderr, error } = spawnSync(
    "valgrind",
    [
      "--tool=callgrind",
      "--callgrind-out-file=/dev/null",
      "--toggle-collect=*measured*",
      join(projectRoot(), BINARY),
      ...args,
    ],
    { encoding: "utf8" },
  );
  const collected = /Collected : (\d+)/.exec(stderr)?.[1];
  if (status !== 0 || collected === undefined)
    throw new Error(`valgrind: ${error?.message ?? stderr}`);
  const { count, hash } = JSON.parse(stdout) as NativeResult;
  return { instructions: Number(collected) / count, hash };
}
