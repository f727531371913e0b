import type { BoardSnapshot, TemperatureSnapshot } from "../../telemetry/machine-snapshot.js";
import type { ChainSnapshot, ChainStateName, Snapshot } from "../../telemetry/snapshot.js";
import { diff1Of } from "./fields.js";
import type { Rates } from "./rates.js";

const GHS_PER_THS = 1000;
/** Stock machines tell four sensors of each kind: 0, 1 on the inlet's side, 2, 3 on the outlet's. */
const SENSORS = 4;
const PLACES: Readonly<Record<string, number>> = { inlet: 0, outlet: 2 };
/** A chip without a find is bad once its neighbours have so many: chance leaves one in e^20 without. */
const SILENT_FINDS = 20;

export type BoardStatus = "Alive" | "Sick" | "Dead" | "NoStart" | "Initialising";

/** A hashboard. Temperatures: four each, °C, 0 where there is no sensor or it is silent. */
export interface BoardPicture {
  readonly slot: number;
  readonly status: BoardStatus;
  readonly isEnabled: boolean;
  /** Code of what is wrong with it. */
  readonly reason: string | undefined;
  readonly rates: Rates;
  readonly idealGhs: number;
  readonly chips: number;
  /** Groups of `o` good, `x` bad, `-` off, each behind a space. */
  readonly chipMap: string;
  readonly pcbC: readonly number[];
  readonly chipC: readonly number[];
  readonly picC: readonly number[];
  readonly hardwareErrors: number;
  /** Frames from the chips that were damaged on the way. */
  readonly crcErrors: number;
  readonly freqMHz: number;
  readonly volts: number | undefined;
  readonly serial: string;
  readonly hasIdentity: boolean;
  readonly diff1: number;
  readonly totalMh: number;
  /** When it last found something, as far as that is known. */
  readonly lastWorkUnixS: number | undefined;
}

const STATUS: Readonly<Record<ChainStateName, BoardStatus>> = {
  off: "NoStart",
  bringingUp: "Initialising",
  waitingForWork: "Alive",
  hashing: "Alive",
  idle: "NoStart",
  faulted: "Dead",
  isolated: "Dead",
};

/** States in which chips are powered and clocked. */
const AWAKE: readonly ChainStateName[] = ["hashing", "waitingForWork"];

export function boardPictures(
  snapshot: Snapshot,
  chipsPerDomain: number,
  unixS: number,
): readonly BoardPicture[] {
  const { chains, boards, temperatures, rail, process } = snapshot;
  const outputMv = rail?.outputMv.value ?? rail?.setpointMv.value ?? undefined;
  return chains.map((chain) => {
    const { slot, state, hashrate, error, counters } = chain;
    const board = boards.find((each) => each.slot === slot);
    const own = temperatures.filter((each) => each.slot === slot);
    const av = hashrate["24h"].ths * GHS_PER_THS;
    const s5 = hashrate["5s"].ths * GHS_PER_THS;
    const elapsedS = Math.floor(process.uptimeS);
    return {
      ...{ slot, status: STATUS[state], isEnabled: state !== "isolated" },
      reason: (error ?? board?.error)?.code,
      rates: {
        ...{ s5, m1: hashrate["1m"].ths * GHS_PER_THS, m5: undefined },
        ...{ m15: hashrate["15m"].ths * GHS_PER_THS, m30: undefined, av },
      },
      idealGhs: chain.nominalThs * GHS_PER_THS,
      chips: chain.chips,
      chipMap: chipMap(chain, chipsPerDomain),
      pcbC: sensorsOf(own.filter(({ isDie }) => !isDie)),
      chipC: sensorsOf(own.filter(({ isDie }) => isDie)),
      picC: sensorsOf(own.filter(({ place }) => place.startsWith("pic"))),
      hardwareErrors: chain.chipHardwareErrors.reduce((sum, count) => sum + count, 0),
      crcErrors: counters.crcErrors,
      freqMHz: chain.freqMHz,
      volts: outputMv === undefined ? undefined : outputMv / 1000,
      ...identityOf(board),
      diff1: diff1Of(av, elapsedS),
      totalMh: av * 1000 * elapsedS,
      // What was found within the last five seconds.
      lastWorkUnixS: s5 > 0 ? unixS : undefined,
    };
  });
}

function identityOf(
  board: BoardSnapshot | undefined,
): Pick<BoardPicture, "serial" | "hasIdentity"> {
  return { serial: board?.serial ?? "", hasIdentity: board?.memory === "identity" };
}

function sensorsOf(sensors: readonly TemperatureSnapshot[]): readonly number[] {
  const temps = Array.from({ length: SENSORS }, () => 0);
  const free = new Set(temps.keys());
  for (const { place, tempC } of sensors) {
    const wanted = PLACES[place];
    const at = wanted !== undefined && free.has(wanted) ? wanted : [...free][0];
    if (at === undefined) break;
    free.delete(at);
    temps[at] = Math.round(tempC ?? 0);
  }
  return temps;
}

/** Which chips work, as far as the last count and what each has found tell. */
function chipMap(chain: ChainSnapshot, chipsPerDomain: number): string {
  const marks = AWAKE.includes(chain.state)
    ? marksOf(chain)
    : Array.from({ length: chain.expectedChips }, () => "-");
  return marks.map((mark, chip) => (chip % chipsPerDomain === 0 ? ` ${mark}` : mark)).join("");
}

function marksOf({ expectedChips, chips, chipHashrate15m }: ChainSnapshot): readonly string[] {
  const { ths, uncertaintyThs } = chipHashrate15m;
  const meanThs = ths.reduce((sum, each) => sum + each, 0) / Math.max(1, ths.length);
  return Array.from({ length: expectedChips }, (_, chip) => {
    // A chain counts from its beginning: what does not answer lies behind what does.
    if (chip >= chips) return "x";
    const oneFindThs = uncertaintyThs[chip] ?? 0;
    const isSilent = ths[chip] === 0 && oneFindThs > 0 && meanThs > SILENT_FINDS * oneFindThs;
    return isSilent ? "x" : "o";
  });
}
