import { openTripText } from "./trips.js";
import type { RateWindow } from "../mining/rate-windows.js";
import type { ChainSnapshot, PoolStatus, Snapshot } from "../telemetry/snapshot.js";
import type { StateSnapshot } from "../telemetry/machine-snapshot.js";
import {
  boardName,
  coolingText,
  errorText,
  fansText,
  hottestText,
  powerText,
  slotTemperatures,
  stateText,
} from "./machine-text.js";
import { CHIP_LEGEND, chipMap, chipTroubles } from "./watch-chips.js";
import { poolsOf, type WatchHistory } from "./watch-events.js";
import { columns, duration, type Line, line, span, type Style } from "./watch-text.js";

export interface ScreenSize {
  readonly rows: number;
  readonly columns: number;
}

const KEYS = "q quits";

/** The lines of the screen, as many as it has rows at the most; the important ones come first. */
export function watchLines(
  history: WatchHistory,
  size: ScreenSize,
  nowMs: number,
): readonly Line[] {
  const { snapshot } = history;
  const body =
    snapshot === undefined
      ? [line("waiting for the first answer of the controller")]
      : [
          ...machineLines(snapshot),
          ...partLines(snapshot),
          line(),
          ...chainLines(snapshot.chains),
          line(),
          ...poolLines(snapshot),
        ];
  const lines = [statusLine(history, nowMs), ...body];
  const room = (): number => size.rows - 1 - lines.length;
  if (snapshot !== undefined) {
    lines.push(...boardLines(snapshot, room()));
    lines.push(...chipLines(snapshot.chains, room(), size.columns));
  }
  lines.push(...eventLines(history, room()));
  // Something must always say how to leave.
  return [...lines.slice(0, Math.max(0, size.rows - 1)), line(span(KEYS, "dim"))];
}

function statusLine({ snapshot, lostAtMs }: WatchHistory, nowMs: number): Line {
  const at = span(`${clockTime(nowMs)}  `, "dim");
  const machine =
    snapshot === undefined
      ? "headframe"
      : `headframe ${snapshot.version}: ${snapshot.machine} on ${snapshot.controlBoard}  `;
  if (lostAtMs !== undefined) {
    const since = duration((nowMs - lostAtMs) / 1000);
    return line(at, span(`NO ANSWER from the controller for ${since}`, "bad"), `  ${machine}`);
  }
  if (snapshot === undefined) return line(at, machine);
  const { uptimeS, rssMb } = snapshot.process;
  return line(at, span(machine, "bold"), `up ${duration(uptimeS)}, ${rssMb.toFixed(0)} MB`);
}

function machineLines(snapshot: Snapshot): readonly Line[] {
  const { hashrateThs, nominalThs, chains, hashrate, credit } = snapshot;
  const uncertaintyThs = Math.hypot(...chains.map((chain) => chain.hashrateUncertaintyThs));
  const share = nominalThs > 0 ? (100 * hashrateThs) / nominalThs : 0;
  const windows = Object.entries(hashrate).map(([name, rate]) => `${name} ${rateText(rate)}`);
  return [
    line(
      span(`${rateText({ ths: hashrateThs, uncertaintyThs })} TH/s`, "bold"),
      ` of ${nominalThs.toFixed(2)} (${share.toFixed(1)} %)`,
    ),
    line(windows.join("   ")),
    ...creditLines(credit),
  ];
}

const STATE_STYLES: Readonly<Record<StateSnapshot["is"], Style>> = {
  off: "dim",
  identify: "warning",
  selfTest: "warning",
  power: "warning",
  chainOrder: "warning",
  bringUp: "warning",
  hashing: "good",
  paused: "warning",
  asleep: "warning",
  curtailed: "warning",
  stopping: "dim",
  fault: "bad",
};

/** Everything beside the chains: state, rail, fans, and what is wrong. */
function partLines(snapshot: Snapshot): readonly Line[] {
  const { state, troubles, trips } = snapshot;
  const areFansGood =
    snapshot.fans.fans.filter(({ isGood }) => isGood).length >= snapshot.fans.needed;
  return [
    line(span(stateText(state), STATE_STYLES[state.is])),
    line(powerText(snapshot)),
    line(span(fansText(snapshot), areFansGood ? "plain" : "bad"), `; ${hottestText(snapshot)}`),
    coolingLine(snapshot),
    ...troubles.map((trouble) => line(span(errorText(trouble), "bad"))),
    ...trips.map((trip) => line(span(`trip ${openTripText(trip)}`, "bad"))),
  ];
}

function coolingLine(snapshot: Snapshot): Line {
  const { reason, powerSharePct } = snapshot.cooling;
  const isUnusual = powerSharePct < 100 || reason === "warn" || reason === "failSafe";
  return line(span(coolingText(snapshot), isUnusual ? "warning" : "plain"));
}

/** What the hashboards are and how hot; left out where there is no room for all. */
function boardLines({ boards, temperatures }: Snapshot, room: number): readonly Line[] {
  if (boards.length === 0 || room < boards.length + 2) return [];
  const rows = boards.map((board) =>
    line(
      span(String(board.slot)),
      span(board.verdict, board.verdict === "usable" ? "plain" : "bad"),
      span(boardName(board)),
      span(board.serial ?? "-"),
      span(slotTemperatures(temperatures, board.slot)),
    ),
  );
  return [line(), ...columns([headings(BOARD_HEADINGS), ...rows])];
}

const BOARD_HEADINGS = ["board", "verdict", "name", "serial", "temperatures C"];

type Rate = Pick<RateWindow, "ths" | "uncertaintyThs">;

function rateText({ ths, uncertaintyThs }: Rate): string {
  return `${ths.toFixed(2)} +- ${uncertaintyThs.toFixed(2)}`;
}

/** What the pools credit beside what was worked for them. */
function creditLines(credit: Snapshot["credit"]): readonly Line[] {
  const credited = sumOf(credit.map((pool) => pool.credited["15m"]));
  const verified = sumOf(credit.map((pool) => pool.verified["15m"]));
  const overS = Math.max(0, ...credit.map((pool) => pool.credited["15m"].seconds));
  const alarms = credit.flatMap(({ pool, alarms: ofPool }) =>
    ofPool.map(({ code, ...context }) =>
      line(span(`${pool}: ${errorText({ code, context })}`, "bad")),
    ),
  );
  return [
    line(
      `the pools credit ${rateText(credited)} TH/s, ${rateText(verified)} were made for them ` +
        `(last ${duration(overS)})`,
    ),
    ...alarms,
  ];
}

function sumOf(rates: readonly Rate[]): Rate {
  return {
    ths: rates.reduce((sum, { ths }) => sum + ths, 0),
    uncertaintyThs: Math.hypot(...rates.map(({ uncertaintyThs }) => uncertaintyThs)),
  };
}

const CHAIN_HEADINGS = [
  "chain",
  "state",
  "chips",
  "MHz",
  "TH/s",
  "of",
  "1m",
  "hw errors",
  "crc",
  "dupl",
  "starts",
];

function chainLines(chains: readonly ChainSnapshot[]): readonly Line[] {
  const rows = chains.map((chain) => {
    const { nonces, crcErrors } = chain.counters;
    const chipStyle = chain.chips < chain.expectedChips ? "bad" : "plain";
    return line(
      span(String(chain.slot)),
      span(chain.state, CHAIN_STYLES[chain.state]),
      span(`${chain.chips}/${chain.expectedChips}`, chipStyle),
      span(chain.freqMHz.toFixed(0)),
      span(chain.hashrateThs.toFixed(2)),
      span(chain.nominalThs.toFixed(2)),
      span(chain.hashrate["1m"].ths.toFixed(2)),
      count(nonces.hardwareError, "warning"),
      count(crcErrors, "warning"),
      count(nonces.duplicate, "warning"),
      span(String(chain.bringUps)),
    );
  });
  return [
    ...columns([headings(CHAIN_HEADINGS), ...rows]),
    ...chains.flatMap(({ slot, error }) =>
      error === null ? [] : [line(span(`chain ${slot}: ${errorText(error)}`, "bad"))],
    ),
  ];
}

const CHAIN_STYLES: Readonly<Record<ChainSnapshot["state"], Style>> = {
  off: "dim",
  bringingUp: "warning",
  waitingForWork: "warning",
  hashing: "good",
  idle: "dim",
  faulted: "bad",
  isolated: "bad",
};

const POOL_HEADINGS = [
  "pool",
  "role",
  "state",
  "accept",
  "reject",
  "stale",
  "lost",
  "answer",
  "job",
  "difficulty",
];

function poolLines(snapshot: Snapshot): readonly Line[] {
  const pools = poolsOf(snapshot);
  // Groups are of interest when there are several.
  const hasGroups = snapshot.poolGroups.length > 1;
  const rows = pools.map((pool) =>
    line(
      span(pool.name),
      span(pool.role, pool.role === "active" ? "good" : "plain"),
      span(pool.state, pool.state === "waiting" ? "bad" : "plain"),
      span(String(pool.accepted)),
      count(pool.rejected, "bad"),
      span(String(pool.stale)),
      count(pool.lost, "warning"),
      span(known(pool.latencyMs, (ms) => `${ms.toFixed(0)} ms`)),
      span(known(pool.jobAgeMs, (ms) => `${(ms / 1000).toFixed(0)} s`)),
      span(String(pool.difficulty)),
      ...(hasGroups ? [span(pool.group)] : []),
    ),
  );
  const names = hasGroups ? [...POOL_HEADINGS, "group"] : POOL_HEADINGS;
  return [
    ...columns([headings(names), ...rows]),
    ...pools.flatMap(poolTrouble),
    line(span(lifetimeText(snapshot.lifetime), "dim")),
  ];
}

function lifetimeText({ shares, best }: Snapshot["lifetime"]): string {
  const bestText = best === null ? "" : `, best ${best.difficulty.toPrecision(4)}`;
  return (
    `in its life: ${shares.accepted} accepted, ${shares.rejected} rejected, ${shares.stale} stale, ` +
    `${shares.lost} lost${bestText}`
  );
}

/** Why a pool is not mined for, as far as it is known. */
function poolTrouble(pool: PoolStatus): Line[] {
  const { name, lastError, leftReason, leftAgoS, returnInS } = pool;
  const lines: Line[] = [];
  if (lastError !== null) lines.push(line(span(`${name}: ${errorText(lastError)}`, "warning")));
  if (leftReason !== null)
    lines.push(
      line(span(`${name}: left ${duration(leftAgoS ?? 0)} ago: ${leftReason}`, "warning")),
    );
  if (returnInS !== null)
    lines.push(line(`${name}: gets the hash power back in ${duration(returnInS)}`));
  return lines;
}

/** The map of all chips where there is room for it, else those that are not as the others. */
function chipLines(chains: readonly ChainSnapshot[], room: number, width: number): readonly Line[] {
  const maps = chains.flatMap((chain) => chipMap(chain, width));
  if (maps.length === 0) return [];
  const map = [line(), ...maps, line(span(CHIP_LEGEND, "dim"))];
  if (map.length <= room) return map;
  const troubles = chains.flatMap((chain) => chipTroubles(chain) ?? []);
  return [
    troubles.length === 0
      ? line(span("no weak or dead chips; a higher terminal shows all", "dim"))
      : line(span(`chips: ${troubles.join("; ")}`, "bad")),
  ];
}

function eventLines({ events }: WatchHistory, room: number): readonly Line[] {
  if (events.length === 0 || room < 2) return [];
  const shown = events.slice(0, room - 1);
  return [
    line(),
    ...shown.map(({ atMs, text, isTrouble }) =>
      line(span(`${clockTime(atMs)}  `, "dim"), span(text, isTrouble ? "warning" : "plain")),
    ),
  ];
}

function headings(names: readonly string[]): Line {
  return names.map((name) => span(name, "dim"));
}

/** A number that ought to be 0. */
function count(value: number, style: Style): ReturnType<typeof span> {
  return span(String(value), value === 0 ? "plain" : style);
}

/** What is undefined here is missing in JSON. */
function known(value: number | null | undefined, text: (value: number) => string): string {
  return value === undefined || value === null ? "-" : text(value);
}

function clockTime(unixMs: number): string {
  return new Date(unixMs).toTimeString().slice(0, 8);
}
