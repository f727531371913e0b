import { createHash, randomUUID } from "node:crypto";
import type { MqttCommand } from "../../app/mqtt-config.js";
import { MQTT_COMMANDS } from "../../app/mqtt-config.js";
import type { Desk } from "./desk.js";
import type { Clock } from "../../lib/clock.js";
import { findingOf, findingText } from "../../lib/finding.js";
import type { Logger } from "../../lib/logger.js";
import type { Snapshot } from "../../telemetry/snapshot.js";
import type { DeviceKey } from "./device-key.js";
import type { Message, Outgoing } from "./mqtt-link.js";
import { deskOrder } from "./orders.js";
import { Command, LAYOUT, type Result } from "./payloads.js";
import { signedReceipt } from "./receipt.js";
import { modeOf } from "./render.js";
import { ReplyBook } from "./reply-book.js";
import { resultCode, type ResultCode } from "./result-code.js";
import type { CommandTopic, Topics } from "./topics.js";

/** Sheet management.md, 8.1. */
const RESULT_EXPIRY_S = 300;
/** Before, the clock of the computer was not set: expiry cannot be judged. 2024-01-01. */
const CLOCK_SET_UNIX_MS = 1_704_067_200_000;
/** More commands at a time come from nobody who means well. */
const MAX_AT_WORK = 32;
const MAX_TEXT = 200;

export interface CommandIntakeOptions {
  readonly device: string;
  readonly boot: string;
  readonly topics: Topics;
  readonly allowed: readonly MqttCommand[];
  readonly desk: Desk;
  readonly key: Pick<DeviceKey, "id" | "sign">;
  readonly snapshot: () => Snapshot;
  /** Of the configuration, now. */
  readonly revision: () => string;
  readonly sendChips: () => void;
  readonly publish: (message: Outgoing) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What came, as far as it could be read. */
interface Asked {
  readonly message: Message;
  readonly topic: CommandTopic;
  readonly command: Command;
  readonly id: string;
}

/** Judges what comes on the command topics, gives it to the desk and answers. Nothing that comes makes it throw. */
export class CommandIntake {
  readonly #options: CommandIntakeOptions;
  readonly #book: ReplyBook;
  #atWork = 0;

  constructor(options: CommandIntakeOptions) {
    this.#options = options;
    this.#book = new ReplyBook(options.clock);
  }

  /** Resolves when it is answered. Never rejects. */
  async take(message: Message): Promise<void> {
    const { topics, log } = this.#options;
    const topic = topics.parseCommand(message.topic);
    if (topic === undefined) return;
    if (this.#atWork >= MAX_AT_WORK) {
      this.#answer(message, undefined, this.#refuse(null, "busy", "too many commands at a time"));
      return;
    }
    this.#atWork += 1;
    try {
      await this.#take(message, topic);
    } catch (error) {
      log.error({ ...findingOf(error), command: topic.name }, "MQTT command");
    } finally {
      this.#atWork -= 1;
    }
  }

  async #take(message: Message, topic: CommandTopic): Promise<void> {
    const { device, clock } = this.#options;
    const command = parsed(message.payload);
    // Level-triggered, and what Home Assistant's switch sends is always the same.
    const id = command?.id ?? (topic.name === "mining.set" ? `set-${randomUUID()}` : undefined);
    if (command === undefined || id === undefined) {
      const why = command ? "id is missing" : "no command of layout 1";
      this.#answer(message, command, this.#refuse(null, "bad_request", why));
      return;
    }
    const asked: Asked = { message, topic, command, id };
    const { spread_s: spreadS = 0, reply = topic.isBroadcast ? "errors" : "all" } = command;
    if (topic.isBroadcast && spreadS > 0 && !message.isRetained)
      await clock.sleep(share(id, device) * spreadS * 1000);
    const result = await this.#result(asked);
    if (reply === "all" || (reply === "errors" && !result.ok))
      this.#answer(message, command, result);
  }

  async #result(asked: Asked): Promise<Result> {
    const { message, topic, command, id } = asked;
    if (message.isRetained) return this.#refuse(id, "retained", "retained commands are not obeyed");
    const fingerprint = JSON.stringify([topic.name, command.args ?? {}, command.if_rev]);
    const known = this.#book.find(id, fingerprint);
    if (known === "reused") return this.#refuse(id, "id_reused", "another command had this id");
    if (known !== undefined) return { ...(await known), dup: true };
    const refused = this.#judge(asked);
    if (refused !== undefined) return refused;
    const result = this.#obey(asked);
    this.#book.add(id, fingerprint, result);
    return result;
  }

  #judge({ topic, command, id }: Asked): Result | undefined {
    const { allowed, revision } = this.#options;
    if (!MQTT_COMMANDS.some((name) => name === topic.name))
      return this.#refuse(id, "unknown_command", topic.name);
    if (!allowed.some((name) => name === topic.name))
      return this.#refuse(id, "denied", "not among mqtt.commands of the configuration");
    const lateMs = this.#nowOrUnset() - (command.exp ?? Infinity);
    if (lateMs > 0)
      return this.#refuse(id, "expired", `expired ${String(Math.ceil(lateMs / 1000))} s ago`);
    if (command.if_rev !== undefined && String(command.if_rev) !== revision())
      return { ...this.#refuse(id, "conflict", "another revision"), rev: revision() };
    return undefined;
  }

  async #obey({ message, topic, command, id }: Asked): Promise<Result> {
    const { desk, snapshot, revision, sendChips } = this.#options;
    const name = topic.name as MqttCommand;
    if (name === "tele.chips") {
      sendChips();
      return this.#done(id, "done");
    }
    const order = deskOrder(name, command.args ?? {}, revision());
    if (order === null) return this.#refuse(id, "bad_request", `args do not fit ${name}`);
    const wattsBefore = name === "mining.curtail" ? snapshot().powerW.value : null;
    const answer = await desk.give({
      id,
      ...order,
      by: { way: "mqtt", who: message.actor ?? message.topic },
      expiresUnixMs: this.#nowOrUnset() === -Infinity ? null : (command.exp ?? null),
    });
    if (answer.is === "refused") {
      const refusal = this.#refuse(id, resultCode(answer.code), findingText(answer));
      return { ...refusal, err: answer.code, rev: revision() };
    }
    const receipt =
      name === "mining.curtail"
        ? await signedReceipt(this.#options, id, answer.result, rounded(wattsBefore))
        : {};
    return { ...this.#done(id, doneCode(name, answer.result)), rev: revision(), ...receipt };
  }

  #nowOrUnset(): number {
    const unixMs = this.#options.clock.unixMs();
    return unixMs < CLOCK_SET_UNIX_MS ? -Infinity : unixMs;
  }

  #done(id: string, code: ResultCode): Result {
    const { clock, snapshot } = this.#options;
    const state = { mode: modeOf(snapshot().state.is) };
    return { v: LAYOUT, id, ok: true, code, state, ts: clock.unixMs() };
  }

  #refuse(id: string | null, code: ResultCode, why: string): Result {
    const msg = why.slice(0, MAX_TEXT);
    return { v: LAYOUT, id, ok: false, code, msg, ts: this.#options.clock.unixMs() };
  }

  #answer(message: Message, command: Command | undefined, result: Result): void {
    const { topics, publish } = this.#options;
    publish({
      topic: topics.response(message.responseTopic ?? command?.res),
      payload: JSON.stringify(result),
      qos: 1,
      expiryS: RESULT_EXPIRY_S,
      correlationData: message.correlationData,
    });
  }
}

function parsed(payload: Buffer): Command | undefined {
  try {
    return Command.safeParse(JSON.parse(payload.toString("utf8"))).data;
  } catch {
    return undefined;
  }
}

function doneCode(name: MqttCommand, result: unknown): ResultCode {
  if (name === "system.restart") return "accepted";
  const { isUnchanged } = (result ?? {}) as { isUnchanged?: unknown };
  return isUnchanged === true ? "unchanged" : "done";
}

/** 0 to 1, the same for the same command and device: a farm does not step. */
function share(id: string, device: string): number {
  return createHash("sha256").update(`${id}${device}`).digest().readUInt32BE() / 2 ** 32;
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
