import type { Journal } from "../../app/kept/journal.js";
import type { Clock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import type { AccessBook } from "../http/auth/access-book.js";
import { GuessLimit } from "../http/auth/guess-limit.js";
import { isProven, parseProof, REALM } from "./digest.js";
import { Nonces } from "./nonces.js";
import { text, type PageAnswer } from "./page-answer.js";

export interface DigestGateOptions {
  readonly access: Pick<AccessBook, "digest">;
  readonly journal: Pick<Journal, "command">;
  readonly clock: Clock;
}

/** Lets those in who prove that they know the owner's password. There is no other one: without it nobody comes in. */
export class DigestGate {
  readonly #options: DigestGateOptions;
  readonly #nonces: Nonces;
  /** Of its own: a tool with an old password must not shut out who logs in from the same computer. */
  readonly #guesses: GuessLimit;

  constructor(options: DigestGateOptions) {
    this.#options = options;
    this.#nonces = new Nonces(options.clock);
    this.#guesses = new GuessLimit(options.clock);
  }

  /**
   * What is answered to who may not come in; undefined: it may.
   * @throws HTTP_TOO_MANY
   */
  refusal(request: Request, address: string): PageAnswer | undefined {
    const proof = parseProof(request.headers.get("authorization") ?? "");
    const ha1 = this.#options.access.digest;
    if (proof === undefined || ha1 === undefined) return this.#challenge();
    const nonce = this.#nonces.judge(proof.nonce);
    if (nonce !== "good") return this.#challenge(nonce === "old");
    const retryAfterS = this.#guesses.waitS(address);
    if (retryAfterS > 0) throw new MinerError("HTTP_TOO_MANY", { retryAfterS });
    if (!isProven(proof, ha1, request)) {
      this.#tellWrong(address);
      return this.#challenge();
    }
    this.#guesses.right(address);
    return this.#nonces.use(proof.nonce, proof.count) ? undefined : this.#challenge(true);
  }

  #tellWrong(address: string): void {
    // Not each of them: they would push everything else out of the journal.
    if (!this.#guesses.wrong(address)) return;
    const error = new MinerError("HTTP_PASSWORD_WRONG");
    this.#options.journal.command("http.stockPages", `http ${address}`, {}, error);
  }

  /** No header `Algorithm`, and no JSON: asic-rs and pyasic would take the machine for another. Sheet management.md, 3.3, 4. */
  #challenge(isStale = false): PageAnswer {
    const parts = [
      ...[`realm="${REALM}"`, 'qop="auth"', "algorithm=MD5", `nonce="${this.#nonces.issue()}"`],
      ...(isStale ? ["stale=true"] : []),
    ];
    const headers = { "WWW-Authenticate": `Digest ${parts.join(", ")}` };
    return { ...text(401, "the user is root, the password that of the machine's owner"), headers };
  }
}
