import { randomBytes } from "node:crypto";
import type { Clock } from "../../lib/clock.js";
import { failure, success, type Reply } from "./reply.js";

/** Documented: LuxOS. */
const IDLE_MS = 60_000;
const ID_BYTES = 6;

/** One writer at a time, as LuxOS has it: a lock, and no protection. */
export class Session {
  readonly #clock: Clock;
  #id = "";
  #usedAtMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Empty without one. */
  get id(): string {
    if (this.#clock.nowMs() - this.#usedAtMs >= IDLE_MS) this.#id = "";
    return this.#id;
  }

  show(): Reply {
    return success(315, "Session information", "SESSION", [{ SessionID: this.id }]);
  }

  logon(): Reply {
    if (this.id !== "") return failure(402, "Another session is active");
    this.#id = randomBytes(ID_BYTES).toString("base64url");
    this.#usedAtMs = this.#clock.nowMs();
    return success(316, "Session created", "SESSION", [{ SessionID: this.#id }]);
  }

  logoff(parameter: string | undefined): Reply {
    return this.take(parameter) === undefined ? failure(403, "Invalid session") : this.kill();
  }

  /** Whoever has it. */
  kill(): Reply {
    this.#id = "";
    return success(408, "Session ended");
  }

  /** What follows the id of the session in a parameter; undefined when it is not the one. */
  take(parameter: string | undefined): readonly string[] | undefined {
    const [id, ...rest] = (parameter ?? "").split(",").map((part) => part.trim());
    if (id === undefined || id === "" || id !== this.id) return undefined;
    this.#usedAtMs = this.#clock.nowMs();
    return rest;
  }
}
