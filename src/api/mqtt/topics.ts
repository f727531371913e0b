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
  readonly #groupAnswers: readonly string[];

  constructor(prefix: string, id: string, groups: readonly string[]) {
    this.#own = `${prefix}/${id}`;
    this.status = `${this.#own}/status`;
    this.info = `${this.#own}/info`;
    this.config = `${this.#own}/config`;
    this.tele = `${this.#own}/tele`;
    this.chips = `${this.#own}/tele/chips`;
    this.backfill = `${this.#own}/tele/backfill`;
    const crowds = [`${prefix}/_all`, ...groups.map((group) => `${prefix}/_g/${group}`)];
    this.#broadcasts = crowds.map((crowd) => `${crowd}/cmd/`);
    this.#groupAnswers = crowds.map((crowd) => `${crowd}/res/`);
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

  /**
   * Answers go below the own `res/` only, whatever was asked for. Who asks many at a time cannot name each: below the
   * `res/` of a broadcast means the same below the own.
   */
  response(wished: unknown): string {
    const start = `${this.#own}/res/`;
    const text = typeof wished === "string" ? wished : "";
    const asked = [start, ...this.#groupAnswers].find((each) => text.startsWith(each)) ?? text;
    const client = text.slice(asked.length);
    const isGood = client !== "" && text.length <= MAX_TOPIC && !/[+#\0]/.test(client);
    return `${start}${isGood ? client : "default"}`;
  }
}
