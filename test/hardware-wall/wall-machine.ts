import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TripRecord } from "../../src/safety/trip.js";
import type { Snapshot } from "../../src/telemetry/snapshot.js";
import type { BodyTruth } from "../../src/virtual/body/body-truth.js";
import { Rig, type Fault } from "../simulated/rig.js";
import { until } from "../simulated/until.js";
import { askVirtual, type VirtualChain } from "../simulated/virtual-control.js";
import type { Deed, WallMachineName } from "./row.js";

/** The lowest clock that both machines know: a bring-up of few steps. */
const FREQ_MHZ = 56.25;
/** Bring-up of three boards on a computer that has other things to do. */
const READY_WITHIN_S = 90;
/** The controller judges a chain by its first 64. */
const JUDGED_NONCES = 100;
/** How often a machine that is to come back is told so: `resume` does not shorten what it begins itself. */
const RESUME_EVERY_S = 5;

const WARM_WITHIN_S = 120;

/** A machine with its controller and pool, on which rows are played one after another. */
export class WallMachine {
  readonly name: WallMachineName;
  readonly #rig: Rig;
  readonly #clockFile: string;
  #settings = "";
  /** By slot: what it had found when it was first seen after a bring-up. */
  readonly #nonces = new Map<number, { readonly bringUps: number; readonly nonces: number }>();

  constructor(name: WallMachineName) {
    this.name = name;
    const preloads = ["../wall/clock.mjs", "./block.mjs"];
    const env: Record<string, string> = {};
    this.#rig = new Rig({ machine: name, config: { freqMHz: FREQ_MHZ }, preloads, env });
    this.#clockFile = join(this.#rig.deviceDir, "..", "clock");
    env["WALL_CLOCK"] = this.#clockFile;
  }

  async start(): Promise<void> {
    this.#jump(0);
    await this.#rig.start();
    this.#settings = readFileSync(this.#rig.configFile, "utf8");
    await this.untilReady("byItself");
  }

  stop(): Promise<void> {
    return this.#rig.stop();
  }

  report(): string {
    return this.#rig.report();
  }

  get areSettingsKept(): boolean {
    return readFileSync(this.#rig.configFile, "utf8") === this.#settings;
  }

  get isControllerRunning(): boolean {
    return this.#rig.controller.isRunning;
  }

  /** Lines of the log of the controller that runs now. */
  get log(): readonly Record<string, unknown>[] {
    return this.#rig.controller.log;
  }

  async truth(): Promise<BodyTruth> {
    return (await this.#ask({ do: "truth" })) as unknown as BodyTruth;
  }

  async chains(): Promise<readonly VirtualChain[]> {
    return (await this.#ask({ do: "state" }))["chains"] as VirtualChain[];
  }

  /** Trips on the disk that are no older than this, by the wall clock; the oldest first. */
  tripsSince(unixMs: number): readonly TripRecord[] {
    const folder = join(this.#rig.dataDir, "trips");
    if (!existsSync(folder)) return [];
    const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
    return names
      .sort()
      .map((name) => readFileSync(join(folder, name), "utf8"))
      .map((text) => (JSON.parse(text) as { readonly state: TripRecord }).state)
      .filter(({ atUnixMs }) => atUnixMs >= unixMs);
  }

  /** Undefined while the controller does not answer. */
  status(): Promise<Snapshot | undefined> {
    return this.#rig.status();
  }

  /** Sets the faults; the moment of the first, or of now, on the clock of the truth. */
  async strike(faults: readonly Fault[]): Promise<number> {
    const { nowMs } = await this.truth();
    const moments = [];
    for (const fault of faults) moments.push((await this.#ask({ do: "fault", ...fault }))["atMs"]);
    return Number(moments[0] ?? nowMs);
  }

  async mend(): Promise<void> {
    await this.#ask({ do: "clear" });
    this.#jump(0);
  }

  commit(deed: Deed): void {
    const { controller } = this.#rig;
    switch (deed.is) {
      case "signal":
        controller.signal(deed.signal);
        break;
      case "block":
        controller.signal("SIGHUP");
        break;
      case "clockJump":
        this.#jump(deed.seconds);
    }
  }

  /** Lets warm air in until every sensor is really so warm. */
  async warm(tempC: number): Promise<void> {
    await this.#ask({ do: "fault", name: "hotIntake", riseC: tempC });
    const areWarm = async (): Promise<true | undefined> => {
      const { boards } = await this.truth();
      return (
        boards.every(({ sensors }) => sensors.every((each) => each.tempC >= tempC)) || undefined
      );
    };
    await until(areWarm, { what: `${tempC} C at all sensors`, withinS: WARM_WITHIN_S });
  }

  /** Waits until all boards hash, and helps as the row says. */
  async untilReady(how: "byItself" | "resume" | "restart"): Promise<void> {
    if (how === "restart") {
      if (this.isControllerRunning) await this.#rig.controller.kill();
      this.#nonces.clear();
      this.#rig.startController();
    }
    let resumeAtMs = 0;
    let last: Snapshot | undefined;
    await until(
      async () => {
        if (!this.isControllerRunning) throw new Error("the controller has ended");
        last = (await this.status()) ?? last;
        const isUp = last?.state.is === "hashing";
        if (isUp && last?.chains.every(({ state }) => state === "hashing") === true)
          return this.#isHashing(last);
        if (how === "resume" && performance.now() >= resumeAtMs && last !== undefined) {
          resumeAtMs = performance.now() + RESUME_EVERY_S * 1000;
          await this.#rig.command("resume").catch(() => undefined); // told by the state below
        }
        return undefined;
      },
      { what: "all boards hash", withinS: READY_WITHIN_S, facts: () => brief(last) },
    );
  }

  /** Long enough up for the controller to have judged what the chips find. */
  async #isHashing({ chains: told }: Snapshot): Promise<true | undefined> {
    for (const { slot, bringUps, chipNonces } of told) {
      const nonces = chipNonces.reduce((sum, count) => sum + count, 0);
      const before = this.#nonces.get(slot);
      if (before?.bringUps !== bringUps) this.#nonces.set(slot, { bringUps, nonces });
    }
    const areJudged = told.every(({ slot, chipNonces }) => {
      const nonces = chipNonces.reduce((sum, count) => sum + count, 0);
      return nonces - (this.#nonces.get(slot)?.nonces ?? nonces) >= JUDGED_NONCES;
    });
    if (!areJudged) return undefined;
    const { supply, boards } = await this.truth();
    const chains = await this.chains();
    const areHashing = chains.every(({ hashrateThs, isInReset }) => hashrateThs > 0 && !isInReset);
    const arePowered = boards.every(({ railMv }) => railMv > 0);
    return (supply.enableLine === 0 && areHashing && arePowered) || undefined;
  }

  #jump(seconds: number): void {
    writeFileSync(this.#clockFile, String(seconds));
  }

  #ask(request: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    return askVirtual(join(this.#rig.deviceDir, "control.sock"), request);
  }
}

/** What of a status says why a machine does not hash. */
export function brief(snapshot: Snapshot | undefined): unknown {
  if (snapshot === undefined) return "no status";
  const { state, chains, boards, troubles } = snapshot;
  return {
    state: [state.is, state.error?.code],
    chains: chains.map((chain) => [chain.state, chain.error?.code]),
    boards: boards.map(({ verdict, error }) => [verdict, error?.code]),
    troubles: troubles.map(({ code }) => code),
  };
}
