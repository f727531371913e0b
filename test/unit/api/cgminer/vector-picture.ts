import type { BoardPicture } from "../../../../src/api/cgminer/board-picture.js";
import type { MinerPicture } from "../../../../src/api/cgminer/picture.js";
import type { PoolPicture } from "../../../../src/api/cgminer/pool-picture.js";
import type { Rates } from "../../../../src/api/cgminer/rates.js";
import { vectors } from "../mqtt/vectors.js";

interface BoardState {
  readonly i: number;
  readonly rate: number;
  readonly ideal: number;
  readonly chips: number;
  readonly exp: number;
  readonly bad: readonly number[];
  readonly pcb: readonly number[];
  readonly chip: readonly number[];
  readonly pic: readonly number[];
  readonly hw: number;
  readonly freq: number;
  readonly v: number;
  readonly sn: string;
}

interface PoolState {
  readonly i: number;
  readonly url: string;
  readonly user: string;
  readonly status: "Alive" | "Dead";
  readonly prio: number;
  readonly gf: number;
  readonly rf: number;
  readonly acc: number;
  readonly rej: number;
  readonly stale: number;
  readonly disc: number;
  readonly last: number;
  readonly dacc: number;
  readonly drej: number;
  readonly dstale: number;
  readonly lsd: number;
  readonly active: boolean;
  readonly diff: number;
}

interface State {
  readonly model: string;
  readonly fw: string;
  readonly ver: string;
  readonly build: string;
  readonly now: number;
  readonly up: number;
  readonly fans: readonly number[];
  readonly fan_pct: number;
  readonly power: number;
  readonly ideal: number;
  readonly boards: readonly BoardState[];
  readonly av: number;
  readonly r1m: number;
  readonly r5m: number;
  readonly r15m: number;
  readonly r30m: number;
  readonly best: number;
  readonly diff1: number;
  readonly hw: number;
  readonly pools: readonly PoolState[];
}

/** The invented miner of the vectors. */
export function vectorPicture(): MinerPicture {
  const { state } = vectors("cgminer-replies") as unknown as { state: State };
  const { now, up, av, ideal } = state;
  return {
    ...{ program: state.fw, version: state.ver, compileTime: state.build, type: state.model },
    ...{ unixS: now, elapsedS: up, isSleeping: false, order: "mine", orderedMHz: 545 },
    rates: {
      // Of all boards together.
      s5: Number(state.boards.reduce((sum, { rate }) => sum + rate, 0).toFixed(2)),
      ...{ m1: state.r1m, m5: state.r5m, m15: state.r15m, m30: state.r30m, av },
    },
    idealGhs: ideal,
    boards: state.boards.map((board) => boardOf(board, now)),
    pools: state.pools.map((pool) => poolOf(pool, state.best)),
    ...{ freqMHz: 545, fansRpm: state.fans, fanDutyPct: state.fan_pct, fansNeeded: 4 },
    ...{ hottestC: 76, powerW: state.power, hasSupply: true, hardwareErrors: state.hw },
    ...{ diff1: state.diff1, totalMh: av * 1000 * up, getworks: 4157, lastWorkUnixS: now - 1 },
    ...{ foundBlocks: 0, networkBlocks: 82 },
    block: {
      unixS: 1_767_225_360,
      hash: "00000000000000000000a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1",
      difficulty: 146e12,
    },
    health: (["rate", "network", "fans", "temp"] as const).map((type) => {
      return { type, status: "s", code: 0, msg: "" } as const;
    }),
    cooling: { mode: "air", targetC: 60, hotC: 75, dangerousC: 85 },
    profiles: {
      ...{ minMHz: 495, nominalMHz: 545, maxMHz: 545, volts: 13.4 },
      ...{ nominalGhs: ideal, ratedW: state.power },
    },
  };
}

function boardOf(state: BoardState, now: number): BoardPicture {
  const { rate } = state;
  const rates: Rates = { s5: rate, m1: rate, m5: rate, m15: rate, m30: rate, av: rate };
  const marks = Array.from({ length: state.exp }, (_, chip) =>
    state.bad.includes(chip) ? "x" : "o",
  );
  return {
    ...{ slot: state.i, status: "Alive", isEnabled: true, reason: undefined, rates },
    ...{ idealGhs: state.ideal, chips: state.chips, pcbC: state.pcb, chipC: state.chip },
    chipMap: marks.map((mark, chip) => (chip % 3 === 0 ? ` ${mark}` : mark)).join(""),
    ...{ picC: state.pic, hardwareErrors: state.hw, crcErrors: 0, freqMHz: state.freq },
    ...{ volts: state.v, serial: state.sn, hasIdentity: true, diff1: 0, totalMh: 0 },
    lastWorkUnixS: now - 1,
  };
}

function poolOf(state: PoolState, best: number): PoolPicture {
  return {
    ...{ index: state.i, name: `pool-${state.i}`, url: state.url, user: state.user },
    host: state.url.replace(/^.*\/\/|:.*$/g, "").replace(/:.*$/, ""),
    ...{ status: state.status, priority: state.prio, quota: 1, isActive: state.active },
    getworks: state.active ? 4157 : 0,
    ...{ accepted: state.acc, rejected: state.rej, stale: state.stale, discarded: state.disc },
    ...{ getFailures: state.gf, remoteFailures: state.rf, lastShareUnixS: state.last },
    ...{ lastShareDifficulty: state.lsd, difficultyAccepted: state.dacc },
    ...{ difficultyRejected: state.drej, difficultyStale: state.dstale },
    ...{ difficulty: state.diff, bestShare: state.active ? best : 0 },
  };
}
