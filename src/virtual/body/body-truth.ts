import type { Change } from "./change-log.js";
import type { Fan } from "./fan.js";
import type { VirtualBoard } from "./virtual-board.js";
import type { VirtualBody } from "./virtual-body.js";

/** A die that was ever hotter than this has taken harm: inferred. */
const HARM_C = 150;

/** What is really the case, whatever any part tells. */
export interface BodyTruth {
  /** Monotonic, as are the times of the changes; and the wall clock at the same moment. */
  readonly nowMs: number;
  readonly unixMs: number;
  /** When lines and voltages moved, the oldest first. */
  readonly changes: readonly Change[];
  readonly ambientC: number;
  readonly controlBoardC: number;
  readonly inputV: number;
  /** What the wall gives. */
  readonly inputW: number;
  readonly supply: {
    readonly enableLine: 0 | 1;
    readonly isOn: boolean;
    readonly railMv: number;
    readonly outputW: number;
    /** What the supply was told, as the code that it was told; null where nobody did, or where it has no data line. */
    readonly setpointCode: number | null;
    readonly setpointMv: number | null;
    readonly isWatchdogOn: boolean;
    readonly trip: string | null;
  };
  readonly boards: readonly BoardTruth[];
  readonly fans: readonly FanTruth[];
  /** The one of the control board. */
  readonly watchdog: { readonly timeoutS: number | null; readonly bites: number };
  readonly lines: Readonly<Record<string, 0 | 1>>;
}

export interface BoardTruth {
  readonly isPresent: boolean;
  /** At the chips. */
  readonly railMv: number;
  readonly powerW: number;
  readonly dieMaxC: number;
  readonly dieMeanC: number;
  readonly sinkC: number;
  readonly airOutC: number;
  /** Some die was hotter than any stands. */
  readonly isHarmed: boolean;
  readonly sensors: readonly { readonly place: string; readonly tempC: number }[];
  readonly controller: object | null;
  readonly eepromWrites: number;
}

export interface FanTruth {
  readonly rpm: number;
  readonly dutyPct: number;
}

export function bodyTruth(body: VirtualBody): BodyTruth {
  body.step();
  const { output, supply } = body;
  return {
    nowMs: body.changes.nowMs,
    unixMs: body.changes.unixMs,
    changes: body.changes.changes,
    ambientC: body.ambientC,
    controlBoardC: body.controlBoardC,
    inputV: body.inputV,
    inputW: rounded(body.inputW),
    supply: {
      enableLine: body.enableLine,
      isOn: output.isOn,
      railMv: rounded(output.railMv),
      outputW: rounded(output.powerW),
      setpointCode: supply?.setpointCode ?? null,
      setpointMv: supply?.setpointMv === undefined ? null : rounded(supply.setpointMv),
      isWatchdogOn: supply?.isWatchdogOn ?? false,
      trip: output.trip ?? null,
    },
    boards: body.boards.map(boardTruth),
    fans: body.fans.map(fanTruth),
    watchdog: body.lines.watchdog,
    lines: body.lines.levels,
  };
}

function boardTruth(board: VirtualBoard): BoardTruth {
  const { heat } = board;
  return {
    isPresent: !board.isMissing,
    railMv: rounded(board.railMv),
    powerW: rounded(board.powerW),
    dieMaxC: rounded(Math.max(...heat.dieC)),
    dieMeanC: rounded(heat.dieC.reduce((sum, tempC) => sum + tempC, 0) / heat.dieC.length),
    sinkC: rounded(heat.meanSinkC),
    airOutC: rounded(heat.airOutC),
    isHarmed: heat.maximumDieC > HARM_C,
    sensors: board.sensors.map(({ spec, trueC }) => ({
      place: spec.place,
      tempC: rounded(trueC),
    })),
    controller: board.controller?.state() ?? null,
    eepromWrites: board.eeprom?.writes ?? 0,
  };
}

function fanTruth(fan: Fan): FanTruth {
  return { rpm: Math.round(fan.rpm), dutyPct: rounded(fan.duty * 100) };
}

/** To a hundredth. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
