import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 20;

/** The serial console of the emulated board. */
export class Console {
  readonly #input: Writable;
  #text = "";
  #asked = 0;

  constructor(output: Readable, input: Writable) {
    this.#input = input;
    input.on("error", () => undefined); // the emulator ends
    output.setEncoding("utf8").on("data", (text: string) => {
      this.#text += text.replaceAll("\r", "");
    });
  }

  /** Everything that was printed. */
  get text(): string {
    return this.#text;
  }

  /** The first match in what was printed since `from`. */
  async seen(pattern: RegExp, withinS: number, from = 0): Promise<RegExpExecArray> {
    const endMs = performance.now() + withinS * 1000;
    for (;;) {
      const match = pattern.exec(this.#text.slice(from));
      if (match !== null) return match;
      if (performance.now() > endMs)
        throw new Error(
          `console: no ${String(pattern)} within ${withinS} s:\n${this.#text.slice(-4000)}`,
        );
      await sleep(POLL_MS);
    }
  }

  /** What a command of the console's shell prints. The image must have one there. */
  async run(command: string, withinS = 30): Promise<string> {
    const mark = `ASKED${++this.#asked}`;
    const from = this.#text.length;
    // The echo of the line has the mark in two halves.
    this.#input.write(`{ ${command}\n} 2>&1; echo "${mark.slice(0, 3)}""${mark.slice(3)} $?"\n`);
    const { index } = await this.seen(new RegExp(`^${mark} \\d+$`, "m"), withinS, from);
    const printed = this.#text.slice(from, from + index);
    return printed.slice(printed.indexOf(`$?"\n`) + 4).trim();
  }
}
