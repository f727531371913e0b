import { execFileSync } from "node:child_process";
import { cpus, loadavg, release, totalmem } from "node:os";
import { projectRoot } from "../../src/lib/project-root.js";

/** Where and on what the figures were taken. */
export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly arch: string;
  readonly node: string;
  /** Commit, with `+` when files differ from it. */
  readonly revision: string;
  /** Load of the last minute before the run: above 0, figures in milliseconds are worth less. */
  readonly load: number;
}

export function machineFacts(): MachineFacts {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    arch: process.arch,
    node: process.versions.node,
    revision: gitRevision(),
    load: loadavg()[0] ?? 0,
  };
}

function gitRevision(): string {
  const git = (...args: string[]): string =>
    execFileSync("git", args, {
      cwd: projectRoot(),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    const isClean = git("status", "--porcelain", "--untracked-files=no") === "";
    return git("rev-parse", "--short", "HEAD") + (isClean ? "" : "+");
  } catch {
    return "unknown"; // an unpacked release has no repository
  }
}
