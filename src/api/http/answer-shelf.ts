/** Of one thing. Tools ask the same few; whoever asks others is answered all the same. */
const MOST = 32;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Answers that were made for others already: as long as what they tell of is the same, so are they, and they go with it. What
 * is not there is made once, however many ask, and one after the other.
 */
export class AnswerShelf {
  readonly #answers = new WeakMap<object, Map<string, Promise<Bytes>>>();
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Rejects with what `make` rejects with; that is not kept.
   * @param of what the answer tells of
   */
  find(key: string, of: object, make: () => unknown): Promise<Bytes> {
    const answers = this.#answers.get(of) ?? new Map<string, Promise<Bytes>>();
    this.#answers.set(of, answers);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const made = this.#last.then(async () =>
      new TextEncoder().encode(JSON.stringify(await make())),
    );
    this.#last = made.catch(() => {
      if (answers.get(key) === made) answers.delete(key);
    });
    if (answers.size < MOST) answers.set(key, made);
    return made;
  }
}
