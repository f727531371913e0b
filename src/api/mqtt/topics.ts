/** Sheet management.md, 8.1. */
export type EventClass =
  "fault" | "pool" | "thermal" | "power" | "block" | "boot" | "audit" | "state";

export interface CommandTopic {
  readonly name: string;
  /** A broadcast goes to all, or to a group. */
  readonly isBroadcast: boolean;
}

const MAX_TOPIC = 256;

/** The topics of one miner. */
export class Topics {
  readonly status: string;
  readonly info: string;
  readonly config: string;
  readonly tele: string;
  readonly chips: string;
  readonly backfill: string;
  /** To subscribe to. */
  readonly commands: readonly string[];
  readonly #own: string;
  readonly #broadcasts: readonly string[];

  constructor(prefix: string, id: string, groups: readonly string[]) {
    this.#own = `${prefix}/${id}`;
    this.status = `${this.#own}/status`;
    this.info = `${this.#own}/info`;
    this.config = `${this.#own}/config`;
    this.tele = `${this.#own}/tele`;
    this.chips = `${this.#own}/tele/chips`;
    this.backfill = `${this.#own}/tele/backfill`;
    this.#broadcasts = [
      `${prefix}/_all/cmd/`,
      ...groups.map((group) => `${prefix}/_g/${group}/cmd/`),
    ];
    this.commands = [`${this.#own}/cmd/+`, ...this.#broadcasts.map((start) => `${start}+`)];
  }

  event(kind: EventClass): string {
    return `${this.#own}/event/${kind}`;
  }

  command(name: string): string {
    return `${this.#own}/cmd/${name}`;
  }

  /** Undefined when it is none of ours. */
  parseCommand(topic: string): CommandTopic | undefined {
    const starts = [`${this.#own}/cmd/`, ...this.#broadcasts];
    const at = starts.findIndex((start) => topic.startsWith(start));
    const name = topic.slice(starts[at]?.length);
    if (at < 0 || name === "" || name.includes("/")) return undefined;
    return { name, isBroadcast: at > 0 };
  }

  /** Answers go below the own `res/` only, whatever was asked for. */
  response(wished: unknown): string {
    const start = `${this.#own}/res/`;
    const isOurs =
      typeof wished === "string" &&
      wished.startsWith(start) &&
      wished.length > start.length &&
      wished.length <= MAX_TOPIC &&
      !/[+#\0]/.test(wished);
    return isOurs ? wished : `${start}default`;
  }
}
