import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { CommandDesk } from "../../app/commands/command-desk.js";
import type { Journal, JournalEvent } from "../../app/kept/journal.js";
import type { MqttConfig } from "../../app/mqtt-config.js";
import type { Clock } from "../../lib/clock.js";
import type { MinerError } from "../../lib/errors.js";
import { findingOf } from "../../lib/finding.js";
import type { Logger } from "../../lib/logger.js";
import type { History } from "../../telemetry/history.js";
import type { Snapshot } from "../../telemetry/snapshot.js";
import { CommandIntake } from "./command-intake.js";
import { DeviceKey } from "./device-key.js";
import { Drain } from "./drain.js";
import { eventMessage } from "./event-message.js";
import { every } from "./every.js";
import { HA_STATUS_TOPIC } from "./home-assistant.js";
import { offlineMessage, onlineMessage, type ShownConfig } from "./info.js";
import { MqttLink, type Message } from "./mqtt-link.js";
import { networkFacts, type NetworkFacts } from "./network-facts.js";
import { LAYOUT, type Event, type Row } from "./payloads.js";
import { chips, row, tele, type Stamp } from "./render.js";
import { PROGRAM, Retained } from "./retained.js";
import { Spool, type Spooled } from "./spool.js";
import { phaseMs } from "./phase.js";
import { type EventClass, Topics } from "./topics.js";

/** Sheet management.md, 8.1. */
const KEEP_S = 7 * 24 * 60 * 60;
/** Home Assistant's start would else meet all miners at one moment. Sheet management.md, 8.7. */
const HA_SPREAD_MS = 10_000;
/**
 * What tells no fault lets answers and receipts go first: an order to a whole hall makes two of them in every miner at one
 * moment. Decided.
 */
const CAN_WAIT: readonly EventClass[] = ["audit", "state"];
const WAIT_MS = 1500;
const WAIT_SPREAD_MS = 1500;
/** How often it is looked whether what is retained has changed. */
const LOOK_MS = 5000;

export interface MqttServiceOptions {
  readonly mqtt: MqttConfig;
  readonly config: () => ShownConfig;
  readonly revision: () => string;
  readonly dataDir: string;
  readonly snapshot: () => Snapshot;
  /** Ends the minutes. */
  readonly history: { readonly events: Pick<History["events"], "on"> };
  readonly journal: Pick<Journal, "events" | "takeUnheard">;
  readonly desk: Pick<CommandDesk, "give">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onTrouble: (error: MinerError) => void;
}

/** What a miner keeps for MQTT, and where it stands in the network. */
export interface MqttKept {
  readonly key: Pick<DeviceKey, "id" | "publicPem" | "sign">;
  readonly spool: Pick<Spool, "add" | "entries" | "done" | "close">;
  readonly net: NetworkFacts;
}

type RunOptions = Omit<MqttServiceOptions, "dataDir" | "onTrouble">;

/** The miner at an MQTT broker: tells what it is and does, and takes orders. */
export class MqttService {
  readonly #options: RunOptions;
  readonly #topics: Topics;
  readonly #id: string;
  /** Of events that can wait: the same for all, so that they stay in order. */
  readonly #waitMs: number;
  readonly #boot = randomBytes(4).toString("hex");
  readonly #kept: MqttKept;
  readonly #link: MqttLink;
  readonly #drain: Drain;
  readonly #intake: CommandIntake;
  readonly #abort = new AbortController();
  /** Told at QoS 0, and not known to have arrived. */
  #unproven: Row[] = [];
  readonly #retained: Retained;
  #seq = 0;
  #eventSeq = 0;
  #hadLink = false;
  #stopHearing: readonly (() => void)[] = [];

  private constructor(options: RunOptions, kept: MqttKept) {
    const { mqtt, clock, log, revision, snapshot, desk } = options;
    const { key, spool, net } = kept;
    this.#options = options;
    this.#kept = kept;
    this.#id = mqtt.deviceId ?? net.mac?.replaceAll(":", "") ?? hostname();
    this.#waitMs = WAIT_MS + phaseMs(this.#id, WAIT_SPREAD_MS);
    this.#topics = new Topics(mqtt.prefix, this.#id, mqtt.groups);
    const identity = { clientId: this.#id, boot: this.#boot, statusTopic: this.#topics.status };
    const subscriptions = [
      ...this.#topics.commands,
      ...(mqtt.homeAssistant ? [HA_STATUS_TOPIC] : []),
    ];
    this.#link = new MqttLink({ config: mqtt, identity, subscriptions, clock, log });
    this.#retained = new Retained({
      ...{ ...options, id: this.#id, topics: this.#topics, key, net },
      tell: (topic, message) => {
        this.#tell(topic, message, true);
      },
    });
    this.#drain = new Drain({ spool, clock, send: (entries) => this.#send(entries) });
    this.#intake = new CommandIntake({
      ...{ device: this.#id, boot: this.#boot, topics: this.#topics, allowed: mqtt.commands },
      ...{ desk, key, snapshot, revision, clock, log },
      sendChips: () => {
        this.#tell(this.#topics.chips, chips(snapshot(), this.#stamp()));
      },
      publish: (message) => this.#link.publish(message),
    });
  }

  /** Begins to connect. Never fails: what is wrong goes to the log, and is tried again. */
  static async start(options: MqttServiceOptions): Promise<MqttService> {
    const { dataDir, clock, onTrouble } = options;
    const key = await DeviceKey.open({ dataDir, clock, onTrouble });
    const spool = await Spool.open({ dataDir, clock, onTrouble });
    return MqttService.begin(options, { key, spool, net: networkFacts() });
  }

  static begin(options: RunOptions, kept: MqttKept): MqttService {
    const service = new MqttService(options, kept);
    service.#start();
    return service;
  }

  /** A broker has us. */
  get isUp(): boolean {
    return this.#link.isUp;
  }

  async stop(): Promise<void> {
    for (const stop of this.#stopHearing) stop();
    this.#abort.abort();
    this.#drain.stop();
    await this.#link.stop({
      ...{ topic: this.#topics.status, qos: 1, retain: true },
      payload: JSON.stringify(offlineMessage(this.#moment())),
    });
    this.#keepUnproven();
    await this.#kept.spool.close();
  }

  #start(): void {
    const { journal, history, mqtt } = this.#options;
    const { events } = this.#link;
    events.on("up", () => {
      this.#guarded(() => {
        this.#up();
      });
    });
    events.on("down", () => {
      this.#drain.stop();
      this.#guarded(() => {
        this.#keepUnproven();
      });
    });
    events.on("alive", () => {
      this.#unproven = [];
    });
    events.on("message", (message) => {
      this.#received(message);
    });
    const hear = (event: JournalEvent): void => {
      const seq = ++this.#eventSeq;
      this.#guarded(() => {
        this.#spoolNow("event", eventMessage(event, { boot: this.#boot, seq }));
      });
    };
    for (const event of journal.takeUnheard()) hear(event);
    this.#stopHearing = [
      journal.events.on("added", hear),
      history.events.on("minute", (minute) => {
        this.#guarded(() => {
          this.#keepRow(row(minute));
        });
      }),
    ];
    this.#link.start();
    this.#every(mqtt.periodS * 1000, phaseMs(this.#id, mqtt.periodS * 1000), () => {
      if (!this.#link.isUp) return;
      this.#tell(this.#topics.tele, tele(this.#options.snapshot(), this.#stamp()));
    });
    this.#every(LOOK_MS, LOOK_MS, () => {
      if (this.#link.isUp) this.#retained.tell();
    });
  }

  #every(periodMs: number, firstMs: number, act: () => void): void {
    every(this.#options.clock, this.#abort.signal, periodMs, firstMs, () => {
      this.#guarded(act);
    });
  }

  /** Whoever calls us drives a machine: nothing that fails here may reach it. */
  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.log.error(findingOf(error), "MQTT");
    }
  }

  #up(): void {
    const { mqtt, snapshot } = this.#options;
    const { net } = this.#kept;
    const online = onlineMessage(snapshot(), { net, program: PROGRAM }, this.#moment());
    this.#tell(this.#topics.status, online, true);
    this.#retained.tellAll();
    this.#tell(this.#topics.tele, tele(snapshot(), this.#stamp()));
    // Only what a whole site missed comes back at one moment.
    const waitMs = this.#hadLink ? Math.random() * mqtt.backfillWaitS * 1000 : 0;
    this.#hadLink = true;
    this.#drain.start(waitMs);
  }

  #received(message: Message): void {
    if (message.topic !== HA_STATUS_TOPIC) {
      void this.#intake.take(message);
      return;
    }
    if (message.payload.toString("utf8", 0, 16) !== "online" || message.isRetained) return;
    this.#options.clock.after(Math.random() * HA_SPREAD_MS, () => {
      this.#guarded(() => {
        if (this.#link.isUp) this.#retained.tellDiscovery();
      });
    });
  }

  #keepRow(minute: Row): void {
    if (!this.#link.isUp) this.#kept.spool.add("row", minute);
    // Told by `tele`; it comes again if the link turns out to be dead.
    else this.#unproven.push(minute);
  }

  #keepUnproven(): void {
    for (const minute of this.#unproven) this.#kept.spool.add("row", minute);
    this.#unproven = [];
  }

  #spoolNow(is: Spooled["is"], value: Event): void {
    const entry = this.#kept.spool.add(is, value);
    const waitMs = CAN_WAIT.includes(value.class) ? this.#waitMs : 0;
    if (this.#link.isUp) void this.#drain.sendNow(entry, waitMs);
  }

  async #send(entries: readonly Spooled[]): Promise<boolean> {
    const [first] = entries;
    if (first?.is === "event") {
      const event = first.value as Event;
      const topic = this.#topics.event(event.class);
      const payload = JSON.stringify(event);
      return this.#link.publish({ topic, payload, qos: 1, expiryS: KEEP_S });
    }
    const rows = entries.map(({ value }) => value as Row);
    const payload = JSON.stringify({ v: LAYOUT, boot: this.#boot, rows });
    return this.#link.publish({ topic: this.#topics.backfill, payload, qos: 1, expiryS: KEEP_S });
  }

  #tell(topic: string, message: object, isRetained = false): void {
    void this.#link.publish({
      ...{ topic, payload: JSON.stringify(message), qos: isRetained ? 1 : 0 },
      retain: isRetained,
    });
  }

  #stamp(): Stamp {
    return { ...this.#moment(), seq: ++this.#seq };
  }

  #moment(): Omit<Stamp, "seq"> {
    return { unixMs: this.#options.clock.unixMs(), boot: this.#boot };
  }
}
