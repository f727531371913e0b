import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../lib/clock.js";

/** Sheet management.md, 5.3. */
const LIFE_MS = 5 * 60_000;
/** Home Assistant uses some four hundred in their life. */
const MOST_USED = 2048;
const SECRET_BYTES = 32;
const RANDOM_BYTES = 8;
const SEAL_LENGTH = 32;
const FORM = /^([0-9a-f]{12}[0-9a-f]{16})([0-9a-f]{32})$/;

/**
 * What proofs are made for. One is known by its seal, so that whoever only asks takes no memory; those that somebody proved
 * something with are kept with how often, so that nothing can be sent a second time.
 */
export class Nonces {
  readonly #clock: Clock;
  readonly #secret = randomBytes(SECRET_BYTES);
  /** By nonce, the first used first. */
  readonly #used = new Map<string, { readonly issuedMs: number; count: number }>();
  /** Of one that had to be forgotten: nobody knows any more how often those before it were used. */
  #forgottenMs = -1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(): string {
    const at = Math.floor(this.#clock.nowMs()).toString(16).padStart(12, "0");
    const body = `${at}${randomBytes(RANDOM_BYTES).toString("hex")}`;
    return `${body}${this.#seal(body)}`;
  }

  /** `unknown`: not of this process; `old`: another one is to be asked for. */
  judge(nonce: string): "good" | "old" | "unknown" {
    const issuedMs = this.#issuedMs(nonce);
    if (issuedMs === undefined) return "unknown";
    return this.#isOld(issuedMs) ? "old" : "good";
  }

  /**
   * To be called after the proof.
   * @param count undefined: this once
   * @returns whether the nonce may be used so
   */
  use(nonce: string, count = Infinity): boolean {
    const issuedMs = this.#issuedMs(nonce);
    const used = this.#used.get(nonce);
    if (issuedMs === undefined || this.#isOld(issuedMs) || count <= (used?.count ?? 0))
      return false;
    if (used !== undefined) used.count = count;
    else this.#used.set(nonce, { issuedMs, count });
    this.#forget();
    return true;
  }

  #isOld(issuedMs: number): boolean {
    return issuedMs <= this.#forgottenMs || this.#clock.nowMs() - issuedMs >= LIFE_MS;
  }

  #forget(): void {
    for (const [nonce, { issuedMs }] of this.#used) {
      if (!this.#isOld(issuedMs) && this.#used.size <= MOST_USED) return;
      this.#used.delete(nonce);
      if (!this.#isOld(issuedMs)) this.#forgottenMs = issuedMs;
    }
  }

  #issuedMs(nonce: string): number | undefined {
    const [, body, seal] = FORM.exec(nonce) ?? [];
    if (body === undefined || seal === undefined) return undefined;
    const isOurs = timingSafeEqual(Buffer.from(seal), Buffer.from(this.#seal(body)));
    return isOurs ? Number.parseInt(body.slice(0, 12), 16) : undefined;
  }

  #seal(body: string): string {
    return createHmac("sha256", this.#secret).update(body).digest("hex").slice(0, SEAL_LENGTH);
  }
}
