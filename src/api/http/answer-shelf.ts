/** Tools ask the same few things; whoever asks others is answered all the same. */
const MOST = 32;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Answers that were made for others already: as long as the machine's picture is the same, so are they. What is not there is
 * made once, however many ask, and one after the other.
 */
export class AnswerShelf {
  readonly #answers = new Map<string, Promise<Bytes>>();
  #of: object | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Rejects with what `make` rejects with; that is not kept.
   * @param of the picture
   */
  find(key: string, of: object, make: () => unknown): Promise<Bytes> {
    if (this.#of !== of) this.#answers.clear();
    this.#of = of;
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const made = this.#last.then(async () =>
      new TextEncoder().encode(JSON.stringify(await make())),
    );
    this.#last = made.catch(() => {
      if (this.#answers.get(key) === made) this.#answers.delete(key);
    });
    if (this.#answers.size < MOST) this.#answers.set(key, made);
    return made;
  }
}
