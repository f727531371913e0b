import type { BoardPicture } from "./board-picture.js";
import { ghs, hottest, row, type Row, whole } from "./fields.js";
import { versionRow } from "./machine-replies.js";
import type { MinerPicture } from "./picture.js";
import { success, type Reply } from "./reply.js";

/** Stock machines send these and count nothing in them. */
const FILLER = { STATS: 0, ID: "BTM_SOC0", Calls: 0, Wait: 0, Max: 0, Min: 99_999_999 };
const STOCK_MODE = 2;

/** Everything flat, boards, fans and sensors counted from 1: what most tools read. */
export function stats(picture: MinerPicture): Reply {
  const { boards, rates, fansRpm, powerW, freqMHz } = picture;
  const watts = whole(powerW);
  const fields = row({
    ...FILLER,
    Elapsed: picture.elapsedS,
    "GHS 5s": ghs(rates.s5),
    "GHS av": ghs(rates.av),
    rate_30m: rates.m30 === undefined ? undefined : ghs(rates.m30),
    Mode: STOCK_MODE,
    miner_count: boards.length,
    frequency: Math.round(freqMHz),
    fan_num: fansRpm.length,
    ...Object.fromEntries(fansRpm.map((rpm, fan) => [`fan${fan + 1}`, rpm])),
    temp_num: boards.length,
    ...merged(boards.map(temperatureFields)),
    total_rateideal: ghs(picture.idealGhs),
    // Documented: `GH` here and `GH/s` in the later form; clients multiply by what stands here.
    rate_unit: "GH",
    total_freqavg: Math.round(freqMHz),
    total_acn: boards.reduce((sum, { chips }) => sum + chips, 0),
    "total rate": ghs(rates.s5),
    temp_max: hottestOf(boards),
    no_matching_work: picture.hardwareErrors,
    power: watts,
    chain_power: watts === undefined ? undefined : `${watts} W`,
    ...merged(boards.map(chainFields)),
  });
  return success(70, "CGMiner stats", "STATS", [versionRow(picture), fields]);
}

/** What the chains count of their wires. */
export function debugStats({ boards, elapsedS }: MinerPicture): Reply {
  const rows = boards.map(({ slot, crcErrors, hardwareErrors, chips }, index) => ({
    ...{ STATS: index, ID: `HB${slot}`, Elapsed: elapsedS, Chips: chips },
    ...{ "CRC Errors": crcErrors, "Hardware Errors": hardwareErrors },
  }));
  return success(70, "CGMiner stats", "STATS", rows);
}

function temperatureFields({ slot, pcbC, chipC, picC }: BoardPicture): Row {
  const n = slot + 1;
  return {
    [`temp${n}`]: hottest(pcbC) ?? 0,
    [`temp2_${n}`]: hottest(chipC) ?? 0,
    [`temp_pcb${n}`]: pcbC.join("-"),
    [`temp_chip${n}`]: chipC.join("-"),
    [`temp_pic${n}`]: picC.join("-"),
  };
}

function chainFields(board: BoardPicture): Row {
  const n = board.slot + 1;
  return {
    [`chain_acn${n}`]: board.chips,
    [`chain_acs${n}`]: board.chipMap,
    [`chain_hw${n}`]: board.hardwareErrors,
    [`chain_rate${n}`]: board.rates.s5.toFixed(2),
    [`freq${n}`]: Math.round(board.freqMHz),
  };
}

function hottestOf(boards: readonly BoardPicture[]): number | undefined {
  return hottest(boards.flatMap(({ pcbC, chipC }) => [...pcbC, ...chipC]));
}

function merged(rows: readonly Row[]): Row {
  return Object.assign({}, ...rows) as Row;
}
