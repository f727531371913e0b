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
    const mark = ++this.#asked;
    const from = this.#text.length;
    // Their echo has the marks in two halves.
    const [begin, end] = ["begins", "$?"].map((word) => `echo "ASKED""${mark} ${word}"`);
    this.#input.write(`${begin}; { ${command}; } 2>&1; ${end}\n`);
    const printed = new RegExp(`^ASKED${mark} begins\\n([^]*?)ASKED${mark} \\d+$`, "m");
    const [, text = ""] = await this.seen(printed, withinS, from);
    return text.trim();
  }
}
