import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Desk } from "./desk.js";
import type { Journal } from "../../app/kept/journal.js";
import type { MqttConfig } from "../../app/mqtt-config.js";
import type { PoolEntry } from "../../app/pool-config.js";
import type { Clock } from "../../lib/clock.js";
import type { MinerError } from "../../lib/errors.js";
import { findingOf } from "../../lib/finding.js";
import type { Logger } from "../../lib/logger.js";
import type { Snapshot } from "../../telemetry/snapshot.js";
import { CommandIntake } from "./command-intake.js";
import { DeviceKey } from "./device-key.js";
import { Drain } from "./drain.js";
import { eventMessage } from "./event-message.js";
import { every } from "./every.js";
import { HA_STATUS_TOPIC, discovery, discoveryTopic } from "./home-assistant.js";
import { infoMessage, settingsMessage, statusMessage } from "./info.js";
import { MqttLink, type Message } from "./mqtt-link.js";
import { networkFacts, type NetworkFacts } from "./network-facts.js";
import { LAYOUT, type Event, type Info, type Row, type Status } from "./payloads.js";
import { chips, row, tele } from "./render.js";
import { Spool, type Spooled } from "./spool.js";
import { phaseMs } from "./phase.js";
import { Topics } from "./topics.js";

const ROW_MS = 60_000;
/** Sheet management.md, 8.1. */
const KEEP_S = 7 * 24 * 60 * 60;
const PROGRAM = "headframe";
/** Home Assistant's start would else meet all miners at one moment. Sheet management.md, 8.7. */
const HA_SPREAD_MS = 10_000;
/** How often it is looked whether what is retained has changed. */
const LOOK_MS = 5000;

export interface MqttServiceOptions {
  readonly mqtt: MqttConfig;
  readonly config: () => { readonly pools: readonly Pick<PoolEntry, "url" | "user">[] };
  readonly revision: () => string;
  readonly dataDir: string;
  readonly snapshot: () => Snapshot;
  readonly journal: Pick<Journal, "events">;
  readonly desk: Desk;
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
  readonly #boot = randomBytes(4).toString("hex");
  readonly #kept: MqttKept;
  readonly #link: MqttLink;
  readonly #drain: Drain;
  readonly #intake: CommandIntake;
  readonly #abort = new AbortController();
  /** Told at QoS 0, and not known to have arrived. */
  #unproven: Row[] = [];
  /** What is retained at the broker, by topic. */
  readonly #retained = new Map<string, string>();
  #seq = 0;
  #eventSeq = 0;
  #hadLink = false;
  #stopEvents: () => void = () => undefined;

  private constructor(options: RunOptions, kept: MqttKept) {
    const { mqtt, clock, log, revision, snapshot, desk } = options;
    const { key, spool, net } = kept;
    this.#options = options;
    this.#kept = kept;
    this.#id = mqtt.deviceId ?? net.mac?.replaceAll(":", "") ?? hostname();
    this.#topics = new Topics(mqtt.prefix, this.#id, mqtt.groups);
    const identity = { clientId: this.#id, boot: this.#boot, statusTopic: this.#topics.status };
    const subscriptions = [
      ...this.#topics.commands,
      ...(mqtt.homeAssistant ? [HA_STATUS_TOPIC] : []),
    ];
    this.#link = new MqttLink({ config: mqtt, identity, subscriptions, clock, log });
    this.#drain = new Drain({ spool, clock, send: (entries) => this.#send(entries) });
    this.#intake = new CommandIntake({
      ...{ device: this.#id, boot: this.#boot, topics: this.#topics, allowed: mqtt.commands },
      ...{ desk, key, snapshot, revision, clock, log },
      sendChips: () => {
        this.#tell(this.#topics.chips, chips(snapshot(), this.#stamp()));
      },
      publish: (message) => {
        void this.#link.publish(message);
      },
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
    this.#stopEvents();
    this.#abort.abort();
    this.#drain.stop();
    await this.#link.stop({
      ...{ topic: this.#topics.status, qos: 1, retain: true },
      payload: JSON.stringify(this.#status("offline")),
    });
    this.#keepUnproven();
    await this.#kept.spool.close();
  }

  #start(): void {
    const { journal, mqtt } = this.#options;
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
    this.#stopEvents = journal.events.on("added", (event) => {
      const seq = ++this.#eventSeq;
      this.#guarded(() => {
        this.#spoolNow("event", eventMessage(event, { boot: this.#boot, seq }));
      });
    });
    this.#link.start();
    this.#every(mqtt.periodS * 1000, phaseMs(this.#id, mqtt.periodS * 1000), () => {
      if (!this.#link.isUp) return;
      this.#tell(this.#topics.tele, tele(this.#options.snapshot(), this.#stamp()));
    });
    this.#every(ROW_MS, phaseMs(this.#id, ROW_MS), () => {
      this.#keepRow();
    });
    this.#every(LOOK_MS, LOOK_MS, () => {
      this.#retain();
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
    const { mqtt } = this.#options;
    this.#retained.clear();
    this.#tell(this.#topics.status, this.#status("online"), true);
    this.#retain();
    this.#tell(this.#topics.tele, tele(this.#options.snapshot(), this.#stamp()));
    // Only what a whole site missed comes back at one moment.
    const waitMs = this.#hadLink ? Math.random() * mqtt.backfillWaitS * 1000 : 0;
    this.#hadLink = true;
    this.#drain.start(waitMs);
  }

  /** Publishes of what is retained that which is new to this broker. */
  #retain(): void {
    if (!this.#link.isUp) return;
    const { mqtt, snapshot } = this.#options;
    const now = snapshot();
    const info = this.#info(now);
    this.#retainOne(this.#topics.info, info);
    this.#retainOne(this.#topics.config, this.#settings(now));
    if (mqtt.homeAssistant) this.#retainOne(discoveryTopic(this.#id), this.#discovery(info, now));
  }

  #retainOne(topic: string, message: object): void {
    const text = JSON.stringify(message);
    if (this.#retained.get(topic) === text) return;
    this.#retained.set(topic, text);
    this.#tell(topic, message, true);
  }

  #info(snapshot: Snapshot): Info {
    const { mqtt, revision } = this.#options;
    return infoMessage(snapshot, {
      ...{ id: this.#id, key: this.#kept.key, net: this.#kept.net, program: PROGRAM },
      ...{ place: mqtt.place, groups: mqtt.groups, commands: mqtt.commands, revision: revision() },
    });
  }

  #settings(snapshot: Snapshot): object {
    const { config, revision } = this.#options;
    return settingsMessage(snapshot, config().pools, revision());
  }

  #discovery(info: Info, { fans, temperatures }: Snapshot): object {
    const { periodS, commands } = this.#options.mqtt;
    return discovery({
      ...{ info, topics: this.#topics, periodS, commands },
      fans: fans.fans.length,
      hasDieTemperature: temperatures.some(({ isDie }) => isDie),
    });
  }

  #received(message: Message): void {
    if (message.topic !== HA_STATUS_TOPIC) {
      void this.#intake.take(message);
      return;
    }
    if (message.payload.toString("utf8", 0, 16) !== "online" || message.isRetained) return;
    this.#options.clock.after(Math.random() * HA_SPREAD_MS, () => {
      this.#retained.delete(discoveryTopic(this.#id));
      this.#guarded(() => {
        this.#retain();
      });
    });
  }

  #keepRow(): void {
    const { snapshot, clock } = this.#options;
    const minute = row(snapshot(), clock.unixMs());
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
    if (this.#link.isUp) void this.#drain.sendNow(entry);
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

  #stamp(): { unixMs: number; boot: string; seq: number } {
    return { unixMs: this.#options.clock.unixMs(), boot: this.#boot, seq: ++this.#seq };
  }

  #status(state: Status["state"]): Status {
    const { clock, snapshot } = this.#options;
    const stamp = { boot: this.#boot, unixMs: clock.unixMs() };
    return statusMessage(state, snapshot, { net: this.#kept.net, program: PROGRAM }, stamp);
  }
}
