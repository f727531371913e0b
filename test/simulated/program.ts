import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { raiseProcess } from "../../src/lib/raise-process.js";

export const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
/** A process that does not end when asked is killed after this long. */
const STOP_LIMIT_MS = 10_000;
const LAST_LINES = 5;
/** Programs are in sessions of their own: what ends a test run does not end them. */
const ENDS = ["SIGTERM", "SIGHUP"] as const;

for (const signal of ENDS) process.once(signal, () => process.exit(1));

export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Throws when scripts/build has not been run. */
export function assertBuilt(): void {
  if (!existsSync(CLI)) throw new Error(`${CLI} is missing: run scripts/build`);
}

/** Runs one command of the program to its end. `input` goes to its standard input. */
export async function headframe(args: readonly string[], input = ""): Promise<Finished> {
  const program = new Program(args, { input });
  const exitCode = await program.ended;
  return { exitCode, stdout: program.stdout, stderr: program.stderr };
}

export interface ProgramOptions {
  readonly input?: string;
  /** Modules that Node loads before the program. */
  readonly preloads?: readonly string[];
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Goes before whatever else runs on this computer, where that is allowed. */
  readonly isUrgent?: boolean;
}

/** A process `node dist/cli.js ...` with everything it printed. */
export class Program {
  /** Resolves with the exit status, null when a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly #process: ChildProcess;
  readonly #args: readonly string[];
  #stdout = "";
  #stderr = "";

  constructor(
    args: readonly string[],
    { input = "", preloads = [], env = {}, isUrgent = false }: ProgramOptions = {},
  ) {
    assertBuilt();
    this.#args = args;
    const imports = preloads.flatMap((file) => ["--import", preloadUrl(file)]);
    this.#process = spawn(process.execPath, [...imports, CLI, ...args], {
      env: { ...process.env, ...env },
      // As init starts it: in a session of its own, so that its priority counts among all programs.
      detached: true,
    });
    if (isUrgent) raiseProcess(this.#process.pid);
    this.#process.stdout?.on("data", (bytes) => (this.#stdout += String(bytes)));
    this.#process.stderr?.on("data", (bytes) => (this.#stderr += String(bytes)));
    this.#process.stdin?.on("error", () => undefined); // It may end without having read.
    this.#process.stdin?.end(input);
    // A test run that dies leaves nothing behind. Some tests run more programs than Node expects listeners.
    const killAtExit = (): boolean => this.#process.kill("SIGKILL");
    process.setMaxListeners(0).on("exit", killAtExit);
    this.ended = once(this.#process, "close").then(([exitCode]) => {
      process.off("exit", killAtExit);
      return exitCode as number | null;
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** The signal that ended it; null while it runs and when none did. */
  get endedBy(): NodeJS.Signals | null {
    return this.#process.signalCode;
  }

  /** Lines of standard error that are JSON objects: the log. */
  get log(): readonly Record<string, unknown>[] {
    return this.#stderr
      .split("\n")
      .filter((line) => line.startsWith("{") && line.endsWith("}"))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Ends it at once, without a chance to clean up. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.ended;
  }

  /** Asks it to end; kills it when it does not. Resolves with the exit status. */
  async stop(): Promise<number | null> {
    if (this.isRunning) {
      this.#process.kill("SIGCONT");
      this.#process.kill("SIGTERM");
    }
    const limit = setTimeout(() => this.#process.kill("SIGKILL"), STOP_LIMIT_MS);
    const exitCode = await this.ended;
    clearTimeout(limit);
    return exitCode;
  }

  /** Its last lines, for a test that cannot go on without it. */
  get lastWords(): string {
    return this.#stderr.trimEnd().split("\n").slice(-LAST_LINES).join("\n");
  }

  /** Whether and how it has ended. */
  get ending(): string {
    const { exitCode, signalCode } = this.#process;
    return this.isRunning ? "is running" : `has ended with ${String(signalCode ?? exitCode)}`;
  }

  /** Everything that it printed, for a failed test. */
  report(): string {
    return `--- ${this.#args.join(" ")}: ${this.ending}\n${this.#stdout}${this.#stderr}`;
  }
}

function preloadUrl(file: string): string {
  return new URL(file, import.meta.url).href;
}
