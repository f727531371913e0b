import type { ReadStream, WriteStream } from "node:tty";
import { type Line, paint } from "./watch-text.js";

// Documented: xterm control sequences (DECSET 1049, 25, 7; CUP, EL, ED).
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J";
const LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
const CLEAR_TO_LINE_END = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

// In raw mode control-C and control-D are bytes like others.
const QUIT = /[qQ\u0003\u0004]/;

// A terminal that does not say how large it is.
const DEFAULT_ROWS = 24;
const DEFAULT_COLUMNS = 80;

export interface TerminalListener {
  onQuit(): void;
  onResize(): void;
}

/**
 * A terminal used as a whole screen, from the constructor to `close`. Node's own tty is enough for that: log-update
 * scrolls away what is higher than the terminal, and ink, terminal-kit and blessed bring megabytes to a control board.
 */
export class WatchTerminal {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #remove: () => void;
  #isOpen = true;

  constructor(input: ReadStream, output: WriteStream, listener: TerminalListener) {
    this.#input = input;
    this.#output = output;
    const onData = (bytes: Buffer): void => {
      if (QUIT.test(bytes.toString("latin1"))) listener.onQuit();
    };
    const onResize = (): void => {
      listener.onResize();
    };
    // A terminal that is gone cannot be written to; that ends the view as q does.
    const onQuit = (): void => {
      listener.onQuit();
    };
    const restore = (): void => {
      this.close();
    };
    if (input.isTTY) {
      input.setRawMode(true);
      input.on("data", onData).on("end", onQuit).on("error", onQuit).resume();
    }
    output.on("resize", onResize).on("error", onQuit);
    // Also when an error nobody caught ends the process.
    process.once("exit", restore);
    this.#remove = () => {
      input.off("data", onData).off("end", onQuit).pause();
      output.off("resize", onResize);
      process.off("exit", restore);
    };
    output.write(ENTER);
  }

  get size(): { readonly rows: number; readonly columns: number } {
    const { rows, columns } = this.#output;
    return { rows: rows || DEFAULT_ROWS, columns: columns || DEFAULT_COLUMNS };
  }

  /** Replaces what is on the screen; leaves it out when the terminal is behind. */
  draw(lines: readonly Line[]): void {
    if (!this.#isOpen || this.#output.writableNeedDrain) return;
    const { columns } = this.size;
    const hasColors = this.#output.hasColors();
    const painted = lines.map((spans) => `${paint(spans, columns, hasColors)}${CLEAR_TO_LINE_END}`);
    this.#output.write(`${HOME}${painted.join("\r\n")}${CLEAR_BELOW}`);
  }

  /** Gives the terminal back as it was. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#remove();
    if (this.#input.isTTY) this.#input.setRawMode(false);
    this.#output.write(LEAVE);
  }
}
