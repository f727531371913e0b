import type { ChainSnapshot, PoolStatus, Snapshot } from "../telemetry/snapshot.js";
import { CHIP_LEGEND, chipMap } from "./watch-chips.js";
import { poolsOf, type WatchHistory } from "./watch-events.js";
import { columns, duration, type Line, line, span, type Style } from "./watch-text.js";

export interface ScreenSize {
  readonly rows: number;
  readonly columns: number;
}

/** What the pools have credited, TH/s, over the time that it was looked at. */
export interface CreditedRate {
  readonly ths: number;
  readonly overS: number;
}

// A unit of difficulty is 2^32 hashes.
const TERAHASHES_PER_DIFFICULTY = 2 ** 32 / 1e12;

const KEYS = "q quits";

/** What the pools had credited at one look. */
export interface CreditSample {
  readonly pid: number;
  readonly uptimeS: number;
  readonly difficulty: number;
}

export function creditSample(snapshot: Snapshot): CreditSample {
  const { pid, uptimeS } = snapshot.process;
  const difficulty = poolsOf(snapshot).reduce((sum, pool) => sum + pool.acceptedDifficulty, 0);
  return { pid, uptimeS, difficulty };
}

/** The credited hash rate from one look to a later one; undefined when nothing can be said. */
export function creditedRate(
  first: CreditSample | undefined,
  last: CreditSample | undefined,
): CreditedRate | undefined {
  if (first === undefined || last === undefined) return undefined;
  const overS = last.uptimeS - first.uptimeS;
  if (overS <= 0) return undefined;
  return { ths: ((last.difficulty - first.difficulty) * TERAHASHES_PER_DIFFICULTY) / overS, overS };
}

/** The lines of the screen, as many as it has rows at the most; the important ones come first. */
export function watchLines(
  history: WatchHistory,
  credited: CreditedRate | undefined,
  size: ScreenSize,
  nowMs: number,
): readonly Line[] {
  const { snapshot } = history;
  const body =
    snapshot === undefined
      ? [line("waiting for the first answer of the controller")]
      : [
          ...machineLines(snapshot, credited),
          line(),
          ...chainLines(snapshot.chains),
          line(),
          ...poolLines(snapshot),
        ];
  const lines = [statusLine(history, nowMs), ...body];
  const maps = snapshot === undefined ? [] : chipLines(snapshot.chains, size.columns);
  const room = size.rows - 1 - lines.length;
  if (maps.length > 0) {
    if (maps.length + 1 <= room) lines.push(line(), ...maps);
    else if (room > 0) lines.push(line(span("a higher terminal shows the chips", "dim")));
  }
  lines.push(...eventLines(history, size.rows - 1 - lines.length));
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

function machineLines(snapshot: Snapshot, credited: CreditedRate | undefined): readonly Line[] {
  const { hashrateThs, nominalThs, chains } = snapshot;
  const uncertaintyThs = Math.hypot(...chains.map((chain) => chain.hashrateUncertaintyThs));
  const minuteThs = chains.reduce((sum, chain) => sum + chain.hashrate1mThs, 0);
  const share = nominalThs > 0 ? (100 * hashrateThs) / nominalThs : 0;
  const creditText =
    credited === undefined
      ? "the pools credit: not known yet"
      : `the pools credit ${credited.ths.toFixed(2)} TH/s over ${duration(credited.overS)}`;
  return [
    line(
      span(`${hashrateThs.toFixed(2)} TH/s`, "bold"),
      ` +- ${uncertaintyThs.toFixed(2)} of ${nominalThs.toFixed(2)} (${share.toFixed(1)} %)` +
        `, last minute ${minuteThs.toFixed(2)}; ${creditText}`,
    ),
  ];
}

const CHAIN_HEADINGS = [
  "chain",
  "state",
  "chips",
  "MHz",
  "TH/s",
  "of",
  "last min",
  "hw errors",
  "crc errors",
  "duplicates",
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
      span(chain.hashrate1mThs.toFixed(2)),
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
  faulted: "bad",
};

const POOL_HEADINGS = [
  "pool",
  "group",
  "role",
  "state",
  "accepted",
  "rejected",
  "stale",
  "lost",
  "latency",
  "job age",
  "difficulty",
];

function poolLines(snapshot: Snapshot): readonly Line[] {
  const pools = poolsOf(snapshot);
  const rows = pools.map((pool) =>
    line(
      span(pool.name),
      span(pool.group),
      span(pool.role, pool.role === "active" ? "good" : "plain"),
      span(pool.state, pool.state === "waiting" ? "bad" : "plain"),
      span(String(pool.accepted)),
      count(pool.rejected, "bad"),
      span(String(pool.stale)),
      count(pool.lost, "warning"),
      span(known(pool.latencyMs, (ms) => `${ms.toFixed(0)} ms`)),
      span(known(pool.jobAgeMs, (ms) => `${(ms / 1000).toFixed(0)} s`)),
      span(String(pool.difficulty)),
    ),
  );
  return [...columns([headings(POOL_HEADINGS), ...rows]), ...pools.flatMap(poolTrouble)];
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

function chipLines(chains: readonly ChainSnapshot[], width: number): readonly Line[] {
  const maps = chains
    .filter(({ chipNonces }) => chipNonces.length > 0)
    .flatMap((chain) => [line(span(`chain ${chain.slot}`, "bold")), ...chipMap(chain, width)]);
  return maps.length === 0 ? [] : [...maps, line(span(CHIP_LEGEND, "dim"))];
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

function errorText({ code, context }: { readonly code: string; readonly context: object }): string {
  const facts = Object.entries(context).map(([key, value]) => `${key}=${String(value)}`);
  return [code, ...facts].join(" ");
}

function clockTime(unixMs: number): string {
  return new Date(unixMs).toTimeString().slice(0, 8);
}
