import type { BoardPicture } from "./board-picture.js";
import { hottest, mhs, percent, round, row, type Row } from "./fields.js";
import type { MinerPicture } from "./picture.js";
import { failure, success, type Reply } from "./reply.js";
import { activePool } from "./share-totals.js";

/** A hash board, in every list of devices. */
const NAME = "HB";

/** @param all those that are not used too */
export function devs(picture: MinerPicture, all: boolean): Reply {
  const rows = deviceRows(picture).filter((each) => all || each["Enabled"] === "Y");
  if (rows.length === 0) return failure(10, "No ASCs");
  return success(9, `${rows.length} ASC(s)`, "DEVS", rows);
}

/** One board by its number in the list. */
export function asc(picture: MinerPicture, parameter: string | undefined): Reply {
  const found = boardAt(picture, parameter);
  if ("is" in found) return found;
  const rows = deviceRows(picture).slice(found.index, found.index + 1);
  return success(106, `ASC${found.index}`, "ASC", rows);
}

/** The board that a parameter means, or why it means none. */
export function boardAt(
  { boards }: MinerPicture,
  parameter: string | undefined,
): Reply | { readonly index: number; readonly board: BoardPicture } {
  if (boards.length === 0) return failure(105, "No ASCs");
  if (parameter === undefined) return failure(15, "Missing device id parameter");
  const index = /^\d{1,9}$/.test(parameter) ? Number(parameter) : -1;
  const board = boards[index];
  if (board === undefined)
    return failure(107, `Invalid ASC id ${index} - range is 0 - ${boards.length - 1}`);
  return { index, board };
}

function deviceRows(picture: MinerPicture): readonly Row[] {
  const pool = activePool(picture.pools);
  return picture.boards.map((board, index) => {
    const { rates, hardwareErrors, diff1 } = board;
    return row({
      ...{ ASC: index, Name: NAME, ID: board.slot },
      Enabled: board.isEnabled ? "Y" : "N",
      Status: board.status,
      Temperature: hottest(board.pcbC),
      "MHS av": mhs(rates.av),
      "MHS 5s": mhs(rates.s5),
      "MHS 1m": mhs(rates.m1),
      "MHS 5m": rates.m5 === undefined ? undefined : mhs(rates.m5),
      "MHS 15m": mhs(rates.m15),
      // Shares are counted by pool, not by board.
      ...{ Accepted: 0, Rejected: 0, "Hardware Errors": hardwareErrors, Utility: 0 },
      "Last Share Pool": pool?.index,
      "Last Share Time": pool?.lastShareUnixS,
      "Total MH": round(board.totalMh, 4),
      "Diff1 Work": Math.round(diff1),
      ...{ "Difficulty Accepted": 0, "Difficulty Rejected": 0, "Last Share Difficulty": 0 },
      "Last Valid Work": board.lastWorkUnixS,
      "Device Hardware%": diff1 > 0 ? percent(hardwareErrors, hardwareErrors + diff1) : 0,
      "Device Rejected%": 0,
      "Device Elapsed": picture.elapsedS,
      "Nominal MHS": mhs(board.idealGhs),
    });
  });
}

export function deviceDetails({ boards, program, type }: MinerPicture): Reply {
  const rows = boards.map(({ slot, chips, freqMHz, volts }, index) =>
    row({
      ...{ DEVDETAILS: index, Name: NAME, ID: slot, Driver: program, Kernel: "", Model: type },
      ...{ "Device Path": "", Chips: chips, Frequency: Math.round(freqMHz) },
      Voltage: volts === undefined ? undefined : round(volts, 2),
    }),
  );
  return success(69, "Device Details", "DEVDETAILS", rows);
}

export function notify({ boards, unixS }: MinerPicture): Reply {
  const rows = boards.map(({ slot, status, reason, crcErrors }, index) => {
    const isWell = status === "Alive";
    return {
      ...{ NOTIFY: index, Name: NAME, ID: slot },
      "Last Well": isWell ? unixS : 0,
      "Last Not Well": isWell ? 0 : unixS,
      "Reason Not Well": isWell ? "None" : (reason ?? status),
      "*Dev Comms Error": crcErrors,
    };
  });
  return success(60, "Notify", "NOTIFY", rows);
}

export function boardCount({ boards }: MinerPicture): Reply {
  return success(104, "ASC count", "ASCS", [{ Count: boards.length }]);
}

export function pgaCount(): Reply {
  return success(59, "PGA count", "PGAS", [{ Count: 0 }]);
}
