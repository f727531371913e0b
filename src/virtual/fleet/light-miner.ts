import { createHash } from "node:crypto";
import { DeviceKey } from "../../api/mqtt/device-key.js";
import { MqttService, type MqttServiceOptions } from "../../api/mqtt/mqtt-service.js";
import type { Clock } from "../../lib/clock.js";
import { TypedEmitter } from "../../lib/events.js";
import type { Logger } from "../../lib/logger.js";
import type { MachineStateName } from "../../telemetry/machine-snapshot.js";
import type { Snapshot } from "../../telemetry/snapshot.js";
import { lightDesk } from "./light-desk.js";
import { LightJournal } from "./light-journal.js";
import { LightMachine } from "./light-machine.js";
import { LIGHT_POOL } from "./light-pool.js";
import { LightPicture } from "./light-snapshot.js";
import type { LightSpec } from "./light-spec.js";
import { MemorySpool } from "./memory-spool.js";

export interface LightMinerOptions {
  readonly id: string;
  readonly spec: LightSpec;
  readonly mqtt: MqttServiceOptions["mqtt"];
  readonly clock: Clock;
  readonly log: Logger;
}

/** One virtual miner at a broker: a machine of a few numbers under the product's MQTT. */
export class LightMiner {
  readonly #options: LightMinerOptions;
  readonly #machine: LightMachine;
  readonly #service: MqttService;
  #picture: Snapshot | undefined;
  #pictureMs = 0;

  /** Begins to connect. */
  constructor(options: LightMinerOptions) {
    this.#options = options;
    const { id, spec, mqtt, clock, log } = options;
    const journal = new LightJournal(clock);
    this.#machine = new LightMachine({
      ...{ spec, clock, seed: seedOf(id) },
      onChange: () => {
        this.#picture = undefined;
      },
      onState: (state, before) => {
        journal.add("state", state, null, { before });
      },
    });
    this.#service = MqttService.begin(
      {
        ...{ mqtt: { ...mqtt, deviceId: id }, clock, log, journal },
        ...{ config: () => ({ pools: [LIGHT_POOL] }), revision: () => "light" },
        snapshot: () => this.#snapshot(),
        desk: lightDesk(this.#machine, journal, clock),
        // It keeps no minutes.
        history: { events: new TypedEmitter() },
      },
      {
        key: DeviceKey.passing(),
        spool: new MemorySpool(),
        net: { mac: macOf(id), ip: undefined },
      },
    );
  }

  get isUp(): boolean {
    return this.#service.isUp;
  }

  get state(): MachineStateName {
    return this.#machine.state;
  }

  async stop(): Promise<void> {
    this.#machine.stop();
    await this.#service.stop();
  }

  #snapshot(): Snapshot {
    const nowMs = this.#options.clock.nowMs();
    const { spec, id, mqtt } = this.#options;
    // But for heat and rates nothing changes without our being told, and those are told no more often.
    if (this.#picture === undefined || nowMs - this.#pictureMs >= mqtt.periodS * 900) {
      this.#picture = new LightPicture(this.#machine, { spec, id, nowMs });
      this.#pictureMs = nowMs;
    }
    return this.#picture;
  }
}

/** 0 to 1, the same for the same id. */
function seedOf(id: string): number {
  return createHash("sha256").update(id).digest().readUInt32BE() / 2 ** 32;
}

function macOf(id: string): string | undefined {
  return /^[0-9a-f]{12}$/.test(id) ? id.replace(/..(?=.)/g, "$&:") : undefined;
}
