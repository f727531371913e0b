import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, openSync } from "node:fs";
import { Terminal } from "@xterm/headless";
import { loadVirtualAddon, type PtyMaster } from "../../src/virtual/native.js";
import { CLI } from "./program.js";
import { until } from "./until.js";

export interface TerminalOptions {
  readonly rows?: number;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a character of the screen looks like. */
export interface Cell {
  readonly text: string;
  readonly isColored: boolean;
}

/** A command of the program on a real tty, whose other end is a model of a terminal. */
export class TerminalProgram {
  /** Resolves with the exit status, null when a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly #pty: PtyMaster;
  readonly #screen: Terminal;
  readonly #process: ChildProcess;
  #stderr = "";
  #bytes = 0;

  constructor(
    args: readonly string[],
    { rows = 40, columns = 100, env = {} }: TerminalOptions = {},
  ) {
    this.#screen = new Terminal({ rows, cols: columns, allowProposedApi: true });
    const addon = loadVirtualAddon();
    this.#pty = new addon.PtyMaster((bytes) => {
      this.#bytes += bytes.length;
      this.#screen.write(Uint8Array.from(bytes));
    });
    this.#stty("sane", "rows", String(rows), "cols", String(columns));
    const tty = openSync(this.#pty.slavePath, constants.O_RDWR | constants.O_NOCTTY);
    this.#process = spawn(process.execPath, [CLI, ...args], {
      stdio: [tty, tty, "pipe"],
      // Whoever runs the tests may want no colours for themselves; Node takes CI for a wish too.
      env: {
        ...process.env,
        ...{ TERM: "xterm-256color", NO_COLOR: undefined, FORCE_COLOR: undefined, CI: undefined },
        ...env,
      },
    });
    closeSync(tty);
    this.#process.stderr?.on("data", (bytes) => (this.#stderr += String(bytes)));
    const killAtExit = (): boolean => this.#process.kill("SIGKILL");
    process.setMaxListeners(0).on("exit", killAtExit);
    this.ended = once(this.#process, "close").then(([exitCode]) => {
      process.off("exit", killAtExit);
      return exitCode as number | null;
    });
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Bytes that the program has written to the terminal. */
  get writtenBytes(): number {
    return this.#bytes;
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** What can be read on the screen, a text a row. */
  get rows(): readonly string[] {
    const { active } = this.#screen.buffer;
    return Array.from({ length: this.#screen.rows }, (_, row) => {
      return active.getLine(active.viewportY + row)?.translateToString(true) ?? "";
    });
  }

  get text(): string {
    return this.rows.join("\n");
  }

  /** The characters of a row. */
  cells(row: number): readonly Cell[] {
    const bufferLine = this.#screen.buffer.active.getLine(row);
    return Array.from({ length: this.#screen.cols }, (_, column) => {
      const cell = bufferLine?.getCell(column);
      return { text: cell?.getChars() ?? "", isColored: cell?.isFgDefault() === false };
    });
  }

  /** True as long as the program uses the whole screen, apart from what was there before. */
  get isFullScreen(): boolean {
    return this.#screen.buffer.active.type === "alternate";
  }

  /** True when long lines go on in the next row, as they do outside of full-screen programs. */
  get wrapsLines(): boolean {
    return this.#screen.modes.wraparoundMode;
  }

  /** The settings of the tty. */
  get settings(): string {
    return this.#stty("-a");
  }

  type(keys: string): void {
    this.#pty.write(Buffer.from(keys));
  }

  resize(rows: number, columns: number): void {
    this.#screen.resize(columns, rows);
    this.#stty("rows", String(rows), "cols", String(columns));
    this.#process.kill("SIGWINCH");
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** The terminal goes away, as when a connection is closed. */
  hangUp(): void {
    this.#pty.close();
  }

  /** Waits until the screen shows it. */
  async until(what: string, fits: (text: string) => boolean): Promise<string> {
    return until(() => (fits(this.text) ? this.text : undefined), {
      what,
      facts: () => ({ screen: this.rows, stderr: this.#stderr, isRunning: this.isRunning }),
    });
  }

  /** Ends what is left. */
  async stop(): Promise<void> {
    if (this.isRunning) this.#process.kill("SIGKILL");
    await this.ended;
    this.#pty.close();
    this.#screen.dispose();
  }

  #stty(...args: readonly string[]): string {
    const { stdout, stderr, status } = spawnSync("stty", ["-F", this.#pty.slavePath, ...args]);
    if (status !== 0) throw new Error(`stty: ${String(stderr)}`);
    return String(stdout);
  }
}
