import type { MachineLife } from "../app/life-cycle/machine-life.js";
import type { MachineLifeOptions } from "../app/life-cycle/machine-life-options.js";
import type { MinerWitness } from "../app/miner.js";
import type { DecisionWitness } from "../app/machine/open-machine.js";
import type { CoolingWitness } from "../cooling/cooling-witness.js";
import type { Clock } from "../lib/clock.js";
import type { ErrorContext, MinerError } from "../lib/errors.js";
import type { Finding } from "../lib/finding.js";
import type { OpenLink } from "../pool/transport/link.js";
import type { RailInterlock } from "../safety/rail-interlock.js";
import type { LookWitness } from "../safety/look-witness.js";
import type { RailLimits } from "../safety/rail-facts.js";
import { CoolingRecorder } from "./cooling-recorder.js";
import { encoded } from "./fact-tree.js";
import type { Origin, TripEntry } from "./flight-entry.js";
import { FlightLog, type FlightSink } from "./flight-log.js";
import { FramesRecorder, type FrameSource } from "./frames-recorder.js";
import { LifeRecorder } from "./life/life-recorder.js";
import { LineBudget, PoolRecorder } from "./pool-recorder.js";
import { SafetyRecorder } from "./safety-recorder.js";

const MOST_PARAMS = 200;

export interface FlightRecorderOptions {
  readonly sink: FlightSink;
  readonly machine: string;
  /** Of this program. */
  readonly version: string;
  /** Tells this process from others. */
  readonly session: string;
  readonly clock: Clock;
  readonly onTrouble: (error: unknown) => void;
}

/** Keeps what decisions depend on, where they are taken: docs/adr/0021-flight-recorder.md. */
export class FlightRecorder implements DecisionWitness, MinerWitness {
  readonly #options: FlightRecorderOptions;
  readonly #log: FlightLog;
  readonly #lines = new LineBudget();
  readonly #origin: () => Origin;

  constructor(options: FlightRecorderOptions) {
    this.#options = options;
    const { machine, version, clock } = options;
    const log = new FlightLog(options);
    this.#log = log;
    this.#origin = () => ({ version, unixAt0Ms: Math.round(clock.unixMs() - clock.nowMs()) });
    log.add({ kind: "start", atMs: clock.nowMs(), machine, ...this.#origin() });
  }

  safety(limits: RailLimits): LookWitness {
    return new SafetyRecorder({ log: this.#log, limits, origin: this.#origin });
  }

  cooling(): CoolingWitness {
    return new CoolingRecorder({ log: this.#log, origin: this.#origin });
  }

  life(options: MachineLifeOptions): MachineLife {
    return new LifeRecorder(this.#log, this.#options.clock).life(options);
  }

  pool(name: string, openLink: OpenLink): OpenLink {
    return new PoolRecorder(this.#log, this.#options.clock, this.#lines, name).tap(openLink);
  }

  frames(slot: number, port: FrameSource): () => void {
    return new FramesRecorder(this.#log, this.#options.clock, slot, port).start();
  }

  /** `facts` without anything secret. */
  command(name: string, facts: ErrorContext, error: Finding | undefined): void {
    const params = JSON.stringify(facts).slice(0, MOST_PARAMS);
    const atMs = this.#options.clock.nowMs();
    this.#log.add({ kind: "command", atMs, name, params, result: error?.code ?? "done" });
  }

  hear(events: RailInterlock["events"]): void {
    events.on("tripped", (error) => {
      this.#trip("cut", null, error);
    });
    events.on("isolate", (slot, error) => {
      this.#trip("isolate", slot, error);
    });
  }

  /** For the last moment of a process: gives the sink what waits. */
  writeNow(): void {
    this.#log.write(true);
  }

  #trip(action: TripEntry["action"], slot: number | null, { code, context }: MinerError): void {
    const { clock } = this.#options;
    const about = { action, slot, code, context: encoded(context) as TripEntry["context"] };
    this.#log.add({ kind: "trip", atMs: clock.nowMs(), ...about }, true);
  }
}
