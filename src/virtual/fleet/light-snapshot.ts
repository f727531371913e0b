import type { ChainSnapshot, Snapshot } from "../../telemetry/snapshot.js";
import { WINDOWS_S, type LightMachine, type WindowName } from "./light-machine.js";
import { lightLifetime, lightPool } from "./light-pool.js";
import type { LightSpec } from "./light-spec.js";

const HASHES_PER_DIFFICULTY = 2 ** 32;
const TICKET_DIFFICULTY = 256;
/** Of the nonces. Inferred: an ordinary figure of a healthy machine. */
const ERROR_SHARE = 0.0005;
/** The outlet of the air, against the inlet: of the rise of the board. */
const INLET_SHARE = 0.6;
const LEAST_DUTY_PCT = 30;

const NONE: readonly never[] = [];
const NO_ORDER: Snapshot["chainOrder"] = { source: "data", foundUnixMs: null, wires: NONE };
const UNKNOWN = { value: null, ageS: null, evidence: "none" } as const;

export interface LightFacts {
  readonly spec: LightSpec;
  readonly id: string;
  readonly nowMs: number;
}

/**
 * What the machine looks like, as the product's telemetry has it. Most who look want little of it: only that is made, when it
 * is asked for. Made as a whole it was a sixth of what a curtailment of thousands in one process costs, its garbage apart.
 */
export class LightPicture implements Snapshot {
  readonly #machine: LightMachine;
  readonly #facts: LightFacts;
  readonly network = "virtual";
  readonly controlBoard = "virtual";
  readonly chainOrder = NO_ORDER;
  readonly credit = NONE;
  readonly poolGroups = NONE;
  readonly troubles = NONE;
  readonly trips = NONE;
  readonly droppedUnowned = 0;
  readonly firstShareS = 0;
  readonly controlBoardTemperature = null;
  readonly powerTarget = null;

  constructor(machine: LightMachine, facts: LightFacts) {
    this.#machine = machine;
    this.#facts = facts;
  }

  get version(): string {
    return this.#spec.version;
  }

  get machine(): string {
    return this.#spec.machine;
  }

  get process(): Snapshot["process"] {
    return { pid: process.pid, uptimeS: this.#uptimeS, rssMb: 0, cpuS: 0 };
  }

  get hashrateThs(): number {
    return this.#machine.rateThs("5s");
  }

  get hashrate(): Snapshot["hashrate"] {
    return ratesOf((window) => this.#machine.rateThs(window));
  }

  get nominalThs(): number {
    return this.#spec.hashrateThs;
  }

  get lifetime(): Snapshot["lifetime"] {
    return lightLifetime(this.pool, this.#uptimeS);
  }

  get chains(): readonly ChainSnapshot[] {
    return this.#slots.map((slot) => chain(slot, this.#machine, this.#facts));
  }

  get pool(): Snapshot["pool"] {
    return lightPool(this.#machine.hashedTh(), this.#uptimeS);
  }

  get state(): Snapshot["state"] {
    const { state: is, stateSinceMs, order, orderedUnixMs, curtailment } = this.#machine;
    const { freqMHz, railMv } = this.#spec;
    return {
      ...{ is, sinceS: (this.#facts.nowMs - stateSinceMs) / 1000, order, orderedUnixMs },
      ...{ error: null, retryInS: null, curtailment, phases: NONE },
      setPoints: { freqMHz, railMv },
    };
  }

  get boards(): Snapshot["boards"] {
    const { id } = this.#facts;
    return this.#slots.map((slot) => ({
      ...{ slot, verdict: "usable" as const, error: null, memory: "identity" as const },
      ...{ serial: `${id}-${String(slot)}`, boardName: null, controllerVersion: null },
      ...{ chipMarking: this.#spec.chipMarking, warnings: NONE },
    }));
  }

  get temperatures(): Snapshot["temperatures"] {
    return temperatures(this.#machine, this.#spec, this.#machine.boardC());
  }

  get hottestC(): number {
    return this.#machine.boardC();
  }

  get fans(): Snapshot["fans"] {
    return fans(this.#spec, this.#dutyPct);
  }

  get cooling(): Snapshot["cooling"] {
    const reason = this.#machine.isPowered ? "target" : "cool";
    return {
      ...{ mode: "air", dutyPct: this.#dutyPct, targetC: 60, quietCapPct: null, reason },
      ...{ powerSharePct: 100, error: null },
    };
  }

  get rail(): Snapshot["rail"] {
    const { railMv } = this.#spec;
    const isOn = this.#machine.isPowered;
    if (railMv === null) return { isOn, setpointMv: UNKNOWN, outputMv: UNKNOWN };
    return { isOn, setpointMv: measured(railMv), outputMv: measured(isOn ? railMv : 0) };
  }

  get supply(): Snapshot["supply"] {
    return {
      ...{ name: this.#spec.supply, typeCode: null, firmware: null },
      serial: `${this.#facts.id}-psu`,
      calibration: "none",
      temperatures: UNKNOWN,
    };
  }

  get powerW(): Snapshot["powerW"] {
    const watts = this.#machine.watts();
    return watts === null ? UNKNOWN : measured(watts);
  }

  get efficiencyJPerTh(): Snapshot["efficiencyJPerTh"] {
    const [watts, ths] = [this.#machine.watts(), this.hashrateThs];
    return watts !== null && ths > 0 ? measured(watts / ths) : UNKNOWN;
  }

  get #spec(): LightSpec {
    return this.#facts.spec;
  }

  get #slots(): readonly number[] {
    return Array.from({ length: this.#spec.chains }, (_, slot) => slot);
  }

  get #uptimeS(): number {
    return (this.#facts.nowMs - this.#machine.startMs) / 1000;
  }

  get #dutyPct(): number {
    const dutyPct = 100 * ((this.#machine.boardC() - 20) / 50);
    return Math.min(100, Math.max(LEAST_DUTY_PCT, dutyPct));
  }
}

function measured(value: number): Snapshot["powerW"] {
  return { value, ageS: 0, evidence: "measured" };
}

function ratesOf(thsOf: (window: WindowName) => number): Snapshot["hashrate"] {
  const rate = (window: WindowName): Snapshot["hashrate"]["5s"] => ({
    ...{ ths: thsOf(window), uncertaintyThs: 0, seconds: WINDOWS_S[window] },
  });
  return { "5s": rate("5s"), "1m": rate("1m"), "15m": rate("15m"), "24h": rate("24h") };
}

/** A board is one piece here: its chips are not counted apart, and their sums stand as one. */
function chain(slot: number, machine: LightMachine, { spec }: LightFacts): ChainSnapshot {
  const nonces = Math.floor(
    (machine.hashedTh() * 1e12) / HASHES_PER_DIFFICULTY / TICKET_DIFFICULTY / spec.chains,
  );
  const hardwareError = Math.floor(nonces * ERROR_SHARE);
  const isHashing = machine.state === "hashing";
  const hashrate = ratesOf((window) => machine.rateThs(window) / spec.chains);
  return {
    slot,
    state: isHashing ? "hashing" : machine.isPowered ? "waitingForWork" : "off",
    ...{ tty: `chain${String(slot)}`, expectedChips: spec.chips, chips: spec.chips },
    ...{ freqMHz: spec.freqMHz, nominalThs: spec.hashrateThs / spec.chains },
    ...{ hashrateThs: hashrate["5s"].ths, hashrateUncertaintyThs: 0, hashrate },
    chipHashrate15m: { seconds: WINDOWS_S["15m"], ths: [], uncertaintyThs: [] },
    ...{ ticketDifficulty: TICKET_DIFFICULTY, jobIntervalMs: 1000, bringUps: 1 },
    ...{ error: null, retryInS: null, chipNonces: [nonces], chipHardwareErrors: [hardwareError] },
    counters: {
      ...{ jobsReceived: 0, worksSent: 0, bytesSent: 0, bytesReceived: 0, framesReceived: nonces },
      ...{ crcErrors: 0, garbageBytes: 0, recordsDropped: 0, tapDropped: 0, uartOverruns: 0 },
      ...{ uartFramingErrors: 0, hangUps: 0, writeStalls: 0, workStarved: 0, worstWorkGapUs: 0 },
      isRealTime: false,
      nonces: {
        ...{ share: 0, belowTarget: nonces, duplicate: 0, unknownWork: 0, stale: 0, hardwareError },
      },
    },
  };
}

function temperatures(
  machine: LightMachine,
  { chains }: LightSpec,
  boardC: number,
): Snapshot["temperatures"] {
  const inletC = machine.ambientC + (boardC - machine.ambientC) * INLET_SHARE;
  const places = [
    ["inlet", inletC],
    ["outlet", boardC],
  ] as const;
  return Array.from({ length: chains }, (_, slot) =>
    places.map(([place, tempC]) => ({
      ...{ slot, place, part: "light", isDie: false, tempC, ageS: 0 },
      ...{ evidence: "measured" as const, error: null },
    })),
  ).flat();
}

function fans({ fans: { count, fullRpm } }: LightSpec, dutyPct: number): Snapshot["fans"] {
  const rpm = (fullRpm * dutyPct) / 100;
  return {
    ...{ dutyPct, needed: count },
    fans: Array.from({ length: count }, (_, fan) => ({
      ...{ fan, rpm: rpm - fan * 20, leastRpm: 0, mostRpm: null, ageS: 0 },
      ...{ isGood: true, error: null },
    })),
  };
}
