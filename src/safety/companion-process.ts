import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { companionFile } from "../hal/native-guard.js";
import { withDeadline } from "../hal/with-deadline.js";
import type { Clock } from "../lib/clock.js";
import { MinerError } from "../lib/errors.js";

/** What a companion prints, each once. */
export type CompanionWord = "ready" | "leased";

/** A process of native/companion. */
export interface CompanionProcess {
  /** Resolves with how it ended, or why it could not be started. Never rejects. */
  readonly ended: Promise<string>;
  /** @throws GUARD_UNAVAILABLE when it ends before or does not say so in time */
  hear(word: CompanionWord, limitMs: number): Promise<void>;
  kill(): void;
}

export type StartCompanion = (
  socketFd: number,
  args: readonly string[],
  clock: Clock,
) => CompanionProcess;

/** Its end of the pair of sockets becomes its file 3; our own copy is the caller's to close. */
export const startCompanion: StartCompanion = (socketFd, args, clock) => {
  // Not `detached`: our loop would wait for a process that is in no session of priority yet. It makes its own.
  const child = spawn(companionFile(), args, {
    stdio: ["ignore", "pipe", "ignore", socketFd],
  });
  // It outlives us, and we do not wait for it.
  child.unref();
  const words = new Map<string, () => void>();
  const heard = new Map(
    (["ready", "leased"] as const).map((word) => [
      word,
      new Promise<void>((resolve) => words.set(word, resolve)),
    ]),
  );
  if (child.stdout !== null) {
    (child.stdout as unknown as { unref?: () => void }).unref?.();
    const lines = createInterface({ input: child.stdout });
    lines.on("error", () => undefined); // it has ended, which is told below
    lines.on("line", (line) => words.get(line)?.());
  }
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => {
      resolve(error.message);
    });
    child.once("exit", (status, signal) => {
      resolve(signal ?? `status ${String(status)}`);
    });
  });
  const gone = async (word: CompanionWord): Promise<never> => {
    throw unavailable(word, await ended);
  };
  return {
    ended,
    hear: (word, limitMs) =>
      withDeadline(Promise.race([heard.get(word) ?? gone(word), gone(word)]), clock, limitMs, () =>
        unavailable(word, "no answer"),
      ),
    kill: () => {
      child.kill("SIGKILL");
    },
  };
};

function unavailable(word: CompanionWord, reason: string): MinerError {
  return new MinerError("GUARD_UNAVAILABLE", { file: companionFile(), missing: word, reason });
}
