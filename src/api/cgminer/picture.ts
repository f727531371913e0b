import type { MachineSpec } from "../../boards/machine-spec.js";
import type { MachineStateName, OrderName } from "../../telemetry/machine-snapshot.js";
import type { Snapshot } from "../../telemetry/snapshot.js";
import { boardPictures, type BoardPicture } from "./board-picture.js";
import { diff1Of } from "./fields.js";
import { healthOf, type Health } from "./health.js";
import { poolPictures, type PoolPicture } from "./pool-picture.js";
import type { Rates } from "./rates.js";

const GHS_PER_THS = 1000;

/** A machine in the words of this dialect. Every reply is a function of it. */
export interface MinerPicture {
  /** Our own name, which is also a key. */
  readonly program: string;
  readonly version: string;
  readonly compileTime: string;
  /** The hardware. */
  readonly type: string;
  readonly unixS: number;
  readonly elapsedS: number;
  readonly isSleeping: boolean;
  /** What was ordered, and the clock of it. */
  readonly order: OrderName;
  readonly orderedMHz: number;
  readonly rates: Rates;
  readonly idealGhs: number;
  readonly boards: readonly BoardPicture[];
  readonly pools: readonly PoolPicture[];
  readonly freqMHz: number;
  readonly fansRpm: readonly number[];
  readonly fanDutyPct: number | undefined;
  readonly fansNeeded: number;
  readonly hottestC: number | undefined;
  readonly powerW: number | undefined;
  readonly hasSupply: boolean;
  readonly hardwareErrors: number;
  /** Verified work in units of difficulty 1, and in megahashes. */
  readonly diff1: number;
  readonly totalMh: number;
  /** Times that a job came. */
  readonly getworks: number | undefined;
  readonly lastWorkUnixS: number | undefined;
  /** Nobody counts them yet. */
  readonly foundBlocks?: number;
  readonly networkBlocks?: number;
  readonly block?: { readonly unixS: number; readonly hash: string; readonly difficulty: number };
  readonly health: Health;
  readonly cooling: {
    readonly mode: string;
    readonly targetC: number | undefined;
    readonly hotC: number;
    readonly dangerousC: number;
  };
  readonly profiles: ProfileFacts;
}

/** What clocks the machine may run at. */
export interface ProfileFacts {
  readonly minMHz: number;
  readonly nominalMHz: number;
  readonly maxMHz: number;
  readonly volts: number | undefined;
  /** At the nominal clock. */
  readonly nominalGhs: number;
  readonly ratedW: number | undefined;
}

/** What the snapshot does not say. */
export interface PictureFacts {
  readonly program: string;
  readonly compileTime: string;
  readonly spec: Pick<
    MachineSpec,
    "title" | "hashboard" | "limits" | "freqMHz" | "railMv" | "rated" | "chains"
  >;
  readonly unixMs: number;
  /** Of the machine, over times that the snapshot has no window of. */
  readonly rates: Pick<Rates, "m5" | "m30">;
}

/** States in which no hash is wanted. */
const SLEEPING: readonly MachineStateName[] = ["paused", "asleep", "curtailed"];

export function minerPicture(snapshot: Snapshot, facts: PictureFacts): MinerPicture {
  const { hashrate, process, state, fans, cooling, chains, supply } = snapshot;
  const { spec } = facts;
  const unixS = Math.floor(facts.unixMs / 1000);
  const elapsedS = Math.floor(process.uptimeS);
  const av = hashrate["24h"].ths * GHS_PER_THS;
  const boards = boardPictures(snapshot, spec.hashboard.chain.chipsPerDomain, unixS);
  const jobs = chains.map(({ counters }) => counters.jobsReceived);
  const { jobAgeMs } = snapshot.pool;
  return {
    ...{ program: facts.program, compileTime: facts.compileTime, type: spec.title },
    ...{ version: snapshot.version, unixS, elapsedS, boards },
    isSleeping: SLEEPING.includes(state.is),
    ...{ order: state.order, orderedMHz: state.setPoints.freqMHz },
    rates: {
      s5: hashrate["5s"].ths * GHS_PER_THS,
      m1: hashrate["1m"].ths * GHS_PER_THS,
      m15: hashrate["15m"].ths * GHS_PER_THS,
      ...{ av, m5: facts.rates.m5, m30: facts.rates.m30 },
    },
    idealGhs: snapshot.nominalThs * GHS_PER_THS,
    pools: poolPictures(snapshot, unixS),
    freqMHz: meanOf(chains.flatMap(({ freqMHz }) => (freqMHz > 0 ? [freqMHz] : []))),
    // A fan that nobody hears counts as one that stands.
    fansRpm: fans.fans.map(({ rpm }) => Math.round(rpm ?? 0)),
    fanDutyPct: fans.dutyPct ?? undefined,
    fansNeeded: fans.needed,
    hottestC: snapshot.hottestC ?? undefined,
    powerW: snapshot.powerW.value ?? undefined,
    hasSupply: supply !== null,
    hardwareErrors: boards.reduce((sum, board) => sum + board.hardwareErrors, 0),
    diff1: diff1Of(av, elapsedS),
    totalMh: av * 1000 * elapsedS,
    getworks: jobs.length === 0 ? undefined : Math.max(...jobs),
    lastWorkUnixS: jobAgeMs === undefined ? undefined : Math.floor(unixS - jobAgeMs / 1000),
    health: healthOf(snapshot),
    cooling: {
      mode: cooling.mode,
      targetC: cooling.targetC ?? undefined,
      hotC: spec.limits.boardC.warn,
      dangerousC: spec.limits.boardC.cut,
    },
    profiles: profileFacts(spec, snapshot),
  };
}

function profileFacts(
  { freqMHz, railMv, rated, hashboard, chains }: PictureFacts["spec"],
  { state }: Snapshot,
): ProfileFacts {
  const nominalMHz = freqMHz?.nominal ?? state.setPoints.freqMHz;
  return {
    minMHz: freqMHz?.min ?? nominalMHz,
    nominalMHz,
    maxMHz: freqMHz?.max ?? nominalMHz,
    volts: railMv === undefined ? undefined : railMv.running / 1000,
    nominalGhs: (chains * hashboard.chain.chips * hashboard.chip.hashUnits * nominalMHz) / 1000,
    ratedW: rated.powerW,
  };
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
