import type { Command } from "commander";
import type { BoardSnapshot } from "../telemetry/machine-snapshot.js";
import type { ChainSnapshot, Snapshot } from "../telemetry/snapshot.js";
import type { PoolCredit } from "../mining/credit-watch.js";
import {
  boardName,
  chainOrderText,
  coolingText,
  errorText,
  fansText,
  hottestText,
  powerText,
  slotTemperatures,
  stateText,
  supplyText,
} from "./machine-text.js";
import { addControllerOptions, controllerOf } from "./open-controller.js";
import { print, table, type JsonOption } from "./output.js";
import { openTripText } from "./trips.js";
import { poolCells, poolTroubles, POOL_HEADINGS } from "./pool-text.js";

export function registerStatusCommand(program: Command): void {
  addControllerOptions(program.command("status"))
    .description("what the running controller does")
    .action(async (flags: JsonOption, command: Command) => {
      const snapshot = (await controllerOf(command).ask("status")) as Snapshot;
      print(snapshot, flags, () => statusText(snapshot));
    });
}

/** A snapshot for people. */
function statusText(snapshot: Snapshot): string {
  const { machine, controlBoard, process, poolGroups } = snapshot;
  const pools = poolGroups.flatMap((group) => group.pools);
  return [
    `${machine} on ${controlBoard}, up ${process.uptimeS.toFixed(0)} s, ${process.rssMb.toFixed(0)} MB, ` +
      `${snapshot.hashrateThs.toFixed(2)} TH/s of ${snapshot.nominalThs.toFixed(2)} TH/s`,
    stateText(snapshot.state),
    powerText(snapshot),
    supplyText(snapshot) ?? "supply unknown",
    `${fansText(snapshot)}; ${hottestText(snapshot)}`,
    coolingText(snapshot),
    ...snapshot.troubles.map(errorText),
    ...snapshot.trips.map((trip) => `trip ${openTripText(trip)}`),
    "",
    table([
      ["pool", ...POOL_HEADINGS, "user"],
      ...pools.map((pool) => [pool.name, ...poolCells(pool), pool.user]),
    ]),
    ...pools.flatMap(poolTroubles),
    ...snapshot.credit.flatMap(creditTrouble),
    "",
    table([BOARD_HEADINGS, ...snapshot.boards.map((board) => boardRow(snapshot, board))]),
    "",
    table([CHAIN_HEADINGS, ...snapshot.chains.map(chainRow)]),
    chainOrderText(snapshot.chainOrder),
    ...snapshot.chains.flatMap(chainTrouble),
  ].join("\n");
}

function creditTrouble({ pool, alarms }: PoolCredit): string[] {
  return alarms.map(
    ({ code, promised, seen, looks }) =>
      `${pool}: ${code} ${seen.toFixed(0)} of ${promised.toFixed(0)} shares in ${String(looks)} min`,
  );
}

const BOARD_HEADINGS = ["board", "verdict", "name", "serial", "temperatures C"];

function boardRow({ temperatures }: Snapshot, board: BoardSnapshot): string[] {
  const { slot, verdict, serial } = board;
  const places = slotTemperatures(temperatures, slot);
  return [String(slot), verdict, boardName(board), serial ?? "-", places];
}

const CHAIN_HEADINGS = [
  "chain",
  "state",
  "chips",
  "MHz",
  "TH/s",
  "of",
  "nonces",
  "hw errors",
  "duplicates",
  "crc errors",
  "garbage",
];

function chainRow(chain: ChainSnapshot): string[] {
  const { nonces, crcErrors, garbageBytes } = chain.counters;
  return [
    String(chain.slot),
    chain.state,
    `${String(chain.chips)}/${String(chain.expectedChips)}`,
    chain.freqMHz.toFixed(2),
    chain.hashrateThs.toFixed(2),
    chain.nominalThs.toFixed(2),
    String(nonces.share + nonces.belowTarget + nonces.stale),
    String(nonces.hardwareError),
    String(nonces.duplicate),
    String(crcErrors),
    String(garbageBytes),
  ];
}

function chainTrouble({ slot, error }: ChainSnapshot): string[] {
  return error === null ? [] : [`chain ${String(slot)}: ${errorText(error)}`];
}
