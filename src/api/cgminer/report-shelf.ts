import { commandOf } from "./commands.js";
import type { MinerPicture } from "./picture.js";
import type { Request } from "./request.js";

/** Tools ask the same few things; whoever asks others is answered all the same. */
const MOST = 32;

/**
 * Reports that were written for others already: as long as the picture is the same, so are they. Many who poll cost no
 * memory then.
 */
export class ReportShelf {
  readonly #texts = new Map<string, Buffer>();
  #of: MinerPicture | undefined;

  find(request: Request, letter: string, picture: MinerPicture): Buffer | undefined {
    return this.#of === picture ? this.#texts.get(keyOf(request, letter) ?? "") : undefined;
  }

  keep(request: Request, letter: string, picture: MinerPicture, text: Buffer): void {
    const key = keyOf(request, letter);
    if (this.#of !== picture) this.#texts.clear();
    this.#of = picture;
    if (key !== undefined && this.#texts.size < MOST) this.#texts.set(key, text);
  }
}

/** Undefined for what is no report. */
function keyOf(request: Request, letter: string): string | undefined {
  if (request.is !== "command") return undefined;
  const { form, command, isNewApi } = request;
  const areReports = command.split("+").every((name) => commandOf(name)?.isJoinable === true);
  return areReports ? JSON.stringify([letter, form, command, isNewApi]) : undefined;
}
