import type { Clock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import { LAYOUT } from "../mqtt/payloads.js";
import type { FleetRoll, Member } from "./fleet-roll.js";
import type { OperatorCommand, OperatorMessage } from "./operator-link.js";

const LOOK_MS = 50;
/**
 * Who is silent is asked by itself: a broker may drop what it cannot queue. Not while answers still come, as more messages
 * would only slow down the rest. Shares of the wait. Decided.
 */
const ASK_AGAIN_FROM = 0.5;
const ASK_AGAIN_TO = 0.8;
const SILENCE_MS = 2000;

export interface FleetOrderOptions {
  readonly prefix: string;
  /** Undefined: all. */
  readonly group: string | undefined;
  readonly name: "mining.curtail" | "mining.resume";
  /** Of the order; the same for all miners. */
  readonly id: string;
  /** Level of the topics that answers come on. */
  readonly client: string;
  readonly actor: string;
  /** How long to wait for answers. */
  readonly waitMs: number;
  readonly roll: FleetRoll;
  readonly link: { publish(command: OperatorCommand): Promise<void> };
  readonly clock: Clock;
}

export interface Answer {
  readonly afterMs: number;
  readonly payload: Buffer;
}

/** What came of an order to many. */
export interface Answers {
  /** Wall clock of the order. */
  readonly sentUnixMs: number;
  /** Those that were online before it. */
  readonly members: readonly Member[];
  /** The first answer of each, by id; of others than the members, too. */
  readonly answers: ReadonlyMap<string, Answer>;
  readonly askedAgain: number;
}

/** One order to a crowd of miners, and what they say to it. */
export class FleetOrder {
  /** To subscribe to. */
  readonly answerTopic: string;
  readonly #options: FleetOrderOptions;
  readonly #answers = new Map<string, Answer>();
  #sentMs = 0;
  #heardMs = 0;
  #waiting = new Set<string>();

  constructor(options: FleetOrderOptions) {
    this.#options = options;
    this.answerTopic = `${options.prefix}/+/res/${options.client}`;
  }

  get answered(): number {
    return this.#answers.size;
  }

  take({ topic, payload, correlation }: OperatorMessage): void {
    const { prefix, client, id, clock } = this.#options;
    const miner = topic.slice(prefix.length + 1, -`/res/${client}`.length);
    if (correlation !== id || topic !== `${prefix}/${miner}/res/${client}`) return;
    if (this.#answers.has(miner)) return;
    this.#heardMs = clock.nowMs();
    this.#answers.set(miner, { afterMs: this.#heardMs - this.#sentMs, payload });
    this.#waiting.delete(miner);
  }

  /**
   * Sends it, and resolves when all members have answered or the time is over.
   * Rejects with FLEET_EMPTY
   */
  async run(): Promise<Answers> {
    const { group, roll, clock, waitMs, prefix } = this.#options;
    const members = roll.online(group);
    if (members.length === 0)
      throw new MinerError("FLEET_EMPTY", { group: group ?? "all", prefix });
    this.#waiting = new Set(members.map(({ id }) => id));
    const crowd = group === undefined ? "_all" : `_g/${group}`;
    const sentUnixMs = clock.unixMs();
    this.#sentMs = clock.nowMs();
    this.#heardMs = this.#sentMs;
    const expiresUnixMs = sentUnixMs + waitMs;
    await this.#send(crowd, expiresUnixMs);
    await this.#wait(waitMs * ASK_AGAIN_FROM);
    await this.#wait(waitMs * ASK_AGAIN_TO, SILENCE_MS);
    const askedAgain = this.#waiting.size;
    for (const id of [...this.#waiting]) {
      if (clock.nowMs() - this.#sentMs >= waitMs) break;
      // The same id: who has obeyed already answers from memory.
      if (this.#waiting.has(id)) await this.#send(id, expiresUnixMs);
    }
    await this.#wait(waitMs);
    return { sentUnixMs, members, answers: this.#answers, askedAgain };
  }

  /** Until all have answered, the time is over, or nobody has answered for so long. */
  async #wait(untilMs: number, silenceMs = Infinity): Promise<void> {
    const { clock } = this.#options;
    while (
      this.#waiting.size > 0 &&
      clock.nowMs() - this.#sentMs < untilMs &&
      clock.nowMs() - this.#heardMs < silenceMs
    )
      await clock.sleep(LOOK_MS);
  }

  async #send(to: string, exp: number): Promise<void> {
    const { prefix, name, id, client, actor, waitMs, link } = this.#options;
    await link.publish({
      topic: `${prefix}/${to}/cmd/${name}`,
      payload: JSON.stringify({ v: LAYOUT, id, exp, reply: "all" }),
      responseTopic: `${prefix}/${to}/res/${client}`,
      ...{ correlation: id, actor, expiryS: Math.ceil(waitMs / 1000) },
    });
  }
}
