import { createHash, randomUUID } from "node:crypto";
import type { CommandAnswer } from "../../app/commands/command-answer.js";
import type { CommandDesk } from "../../app/commands/command-desk.js";
import type { MqttCommand } from "../../app/mqtt-config.js";
import { MQTT_COMMANDS } from "../../app/mqtt-config.js";
import type { Clock } from "../../lib/clock.js";
import { findingOf, findingText } from "../../lib/finding.js";
import type { Logger } from "../../lib/logger.js";
import { modeOf } from "../../telemetry/mode.js";
import type { Snapshot } from "../../telemetry/snapshot.js";
import { answerData } from "./answer-data.js";
import type { DeviceKey } from "./device-key.js";
import { inParts } from "./file-parts.js";
import type { Message, Outgoing } from "./mqtt-link.js";
import { deskOrder } from "./orders.js";
import { Command, LAYOUT, type Result } from "./payloads.js";
import { signedReceipt } from "./receipt.js";
import { doneCode, resultCode, type ResultCode } from "./result-code.js";
import type { CommandTopic, Topics } from "./topics.js";

/** Sheet management.md, 8.1. */
const RESULT_EXPIRY_S = 300;
/** More commands at a time come from nobody who means well. */
const MAX_AT_WORK = 32;
const MAX_TEXT = 200;

export interface CommandIntakeOptions {
  readonly device: string;
  readonly boot: string;
  readonly topics: Topics;
  readonly allowed: readonly MqttCommand[];
  readonly desk: Pick<CommandDesk, "give">;
  readonly key: Pick<DeviceKey, "id" | "sign">;
  readonly snapshot: () => Snapshot;
  /** Of the configuration, now. */
  readonly revision: () => string;
  readonly sendChips: () => void;
  /** Resolves with whether a broker has it. */
  readonly publish: (message: Outgoing) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What came, as far as it could be read. */
interface Asked {
  readonly message: Message;
  readonly topic: CommandTopic;
  readonly command: Command;
  /** Undefined: the sender gave none, and cannot repeat it. */
  readonly givenId: string | undefined;
  readonly id: string;
}

/** Judges what comes on the command topics, gives it to the desk and answers. Nothing that comes makes it throw. */
export class CommandIntake {
  readonly #options: CommandIntakeOptions;
  #atWork = 0;

  constructor(options: CommandIntakeOptions) {
    this.#options = options;
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
    const givenId = command?.id;
    // Level-triggered, and what Home Assistant's switch sends is always the same.
    const id = givenId ?? (topic.name === "mining.set" ? `set-${randomUUID()}` : undefined);
    if (command === undefined || id === undefined) {
      const why = command ? "id is missing" : "no command of layout 1";
      this.#answer(message, command, this.#refuse(null, "bad_request", why));
      return;
    }
    const { spread_s: spreadS = 0, reply = topic.isBroadcast ? "errors" : "all" } = command;
    if (topic.isBroadcast && spreadS > 0 && !message.isRetained)
      await clock.sleep(share(id, device) * spreadS * 1000);
    const asked: Asked = { message, topic, command, givenId, id };
    const isSilent = (ok: boolean): boolean => reply === "none" || (reply === "errors" && ok);
    const result = this.#refusal(asked) ?? (await this.#obey(asked));
    if (!isSilent(result.ok)) this.#answer(message, command, result);
  }

  #refusal({ message, topic, id }: Asked): Result | undefined {
    const { allowed } = this.#options;
    if (message.isRetained) return this.#refuse(id, "retained", "retained commands are not obeyed");
    if (!MQTT_COMMANDS.some((name) => name === topic.name))
      return this.#refuse(id, "unknown_command", topic.name);
    if (!allowed.some((name) => name === topic.name))
      return this.#refuse(id, "denied", "not among mqtt.commands of the configuration");
    return undefined;
  }

  async #obey(asked: Asked): Promise<Result> {
    const { desk, revision, sendChips } = this.#options;
    const { message, topic, command, givenId, id } = asked;
    const name = topic.name as MqttCommand;
    if (name === "tele.chips") {
      sendChips();
      return this.#done(id, "done");
    }
    const order = deskOrder(name, command.args ?? {});
    if (order === null) return this.#refuse(id, "bad_request", `args do not fit ${name}`);
    const answer = await desk.give({
      id,
      ...order,
      by: { way: "mqtt", who: message.actor ?? message.topic },
      expiresUnixMs: command.exp ?? null,
      isRepeatable: givenId !== undefined,
      ...(command.if_rev !== undefined && { ifRevision: String(command.if_rev) }),
    });
    const result = await this.#rendered(asked, name, answer);
    return { ...result, rev: revision(), ...(answer.isRepeat === true && { dup: true as const }) };
  }

  async #rendered(asked: Asked, name: MqttCommand, answer: CommandAnswer): Promise<Result> {
    const { id } = asked;
    if (answer.is === "refused") {
      const refusal = this.#refuse(id, resultCode(answer.code), findingText(answer));
      return { ...refusal, err: answer.code };
    }
    const { result } = answer;
    const done = this.#done(id, doneCode(name, result));
    if (name === "system.support") return { ...done, ...(await this.#sendFile(asked, result)) };
    const receipt = name === "mining.curtail" ? await signedReceipt(this.#options, id, result) : {};
    const data = answerData(name, result);
    return { ...done, ...receipt, ...(data !== undefined && { data }) };
  }

  /** One part after the other, each when the broker has the one before: the link serves other things, too. */
  async #sendFile({ message, command, id }: Asked, result: unknown): Promise<Partial<Result>> {
    const { parts, data } = inParts(id, result);
    for (const part of parts) {
      const isThere = await this.#send(message, command, part);
      if (!isThere) return { ok: false, code: "failed", msg: "the broker did not take all parts" };
    }
    return { data };
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
    void this.#send(message, command, result);
  }

  #send(message: Message, command: Command | undefined, payload: object): Promise<boolean> {
    const { topics, publish } = this.#options;
    return publish({
      topic: topics.response(message.responseTopic ?? command?.res),
      payload: JSON.stringify(payload),
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

/** 0 to 1, the same for the same command and device: a farm does not step. */
function share(id: string, device: string): number {
  return createHash("sha256").update(`${id}${device}`).digest().readUInt32BE() / 2 ** 32;
}
