import type { Clock } from "../../lib/clock.js";
import { Info, Status } from "../mqtt/payloads.js";

/** What is retained comes at once and without a pause: after one of this length it is all there. Decided. */
const QUIET_MS = 1000;
const LOOK_MS = 100;
/** A broker that is busy with other things. Decided. */
const LIMIT_MS = 60_000;

export interface Member {
  readonly id: string;
  /** PEM of what its receipts are signed with; undefined where it has not told. */
  readonly keyPem: string | undefined;
}

interface Known {
  isOnline: boolean;
  groups: readonly string[];
  keyPem: string | undefined;
}

/** Who is in the fleet, by what miners leave at the broker. */
export class FleetRoll {
  /** To subscribe to. */
  readonly topics: readonly string[];
  readonly #start: string;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  #heardMs: number;

  constructor(prefix: string, clock: Clock) {
    this.#start = `${prefix}/`;
    this.#clock = clock;
    this.#heardMs = clock.nowMs();
    this.topics = [`${prefix}/+/status`, `${prefix}/+/info`];
  }

  take(topic: string, payload: Buffer): void {
    const [id = "", kind, ...rest] = topic.slice(this.#start.length).split("/");
    if (!topic.startsWith(this.#start) || rest.length > 0) return;
    if (kind !== "status" && kind !== "info") return;
    this.#heardMs = this.#clock.nowMs();
    const known = this.#known.get(id) ?? { isOnline: false, groups: [], keyPem: undefined };
    this.#known.set(id, known);
    const value = parsed(payload);
    if (kind === "status") known.isOnline = Status.safeParse(value).data?.state === "online";
    else {
      const info = Info.safeParse(value).data;
      known.groups = info?.groups ?? [];
      known.keyPem = info?.key.pem;
    }
  }

  /** Resolves when the broker has nothing more to tell. */
  async settled(): Promise<void> {
    const startMs = this.#clock.nowMs();
    this.#heardMs = startMs;
    for (;;) {
      await this.#clock.sleep(LOOK_MS);
      const nowMs = this.#clock.nowMs();
      if (nowMs - this.#heardMs >= QUIET_MS || nowMs - startMs >= LIMIT_MS) return;
    }
  }

  /** Those online that obey a broadcast to the group; undefined: to all. */
  online(group: string | undefined): readonly Member[] {
    return [...this.#known].flatMap(([id, { isOnline, groups, keyPem }]) =>
      isOnline && (group === undefined || groups.includes(group)) ? [{ id, keyPem }] : [],
    );
  }

  keyOf(id: string): string | undefined {
    return this.#known.get(id)?.keyPem;
  }
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString("utf8"));
  } catch {
    return undefined;
  }
}
