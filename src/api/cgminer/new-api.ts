import { ghs, percent, row, type Row, whole } from "./fields.js";
import type { MinerPicture } from "./picture.js";
import type { PoolPicture } from "./pool-picture.js";
import { shareTotals } from "./share-totals.js";

/** Of the maker's later form. */
const API_VERSION = "1.0.0";
const STEP = 1024;

export type NewApiName = "stats" | "summary" | "pools" | "warning";

const SECTIONS: Readonly<Record<NewApiName, (picture: MinerPicture) => readonly Row[]>> = {
  stats: (picture) => [statsRow(picture)],
  summary: (picture) => [summaryRow(picture)],
  pools: ({ pools, unixS }) => pools.map((pool) => poolRow(pool, unixS)),
  warning: ({ health }) => health.filter(({ status }) => status !== "s"),
};

export function isNewApiName(name: string): name is NewApiName {
  return Object.hasOwn(SECTIONS, name);
}

/** A reply in the form that stock machines give to `new_api` and on their web pages. */
export function newApi(name: NewApiName, picture: MinerPicture): object {
  return newApiReply(name, SECTIONS[name](picture), picture);
}

/** The same about something that is in no picture. */
export function newApiReply(
  name: string,
  section: readonly object[],
  { unixS, version, compileTime, type }: MinerPicture,
): object {
  return {
    STATUS: { STATUS: "S", when: unixS, Msg: name, api_version: API_VERSION },
    INFO: { miner_version: version, CompileTime: compileTime, type },
    [name.toUpperCase()]: section,
  };
}

function ratesOf({ rates, idealGhs }: MinerPicture): Row {
  return {
    rate_5s: ghs(rates.s5),
    rate_30m: rates.m30 === undefined ? undefined : ghs(rates.m30),
    rate_avg: ghs(rates.av),
    rate_ideal: ghs(idealGhs),
    rate_unit: "GH/s",
  };
}

function statsRow(picture: MinerPicture): Row {
  const { boards, fansRpm, hardwareErrors, diff1, powerW, isSleeping } = picture;
  return row({
    elapsed: picture.elapsedS,
    ...ratesOf(picture),
    ...{ chain_num: boards.length, fan_num: fansRpm.length, fan: fansRpm },
    hwp_total: diff1 > 0 ? percent(hardwareErrors, hardwareErrors + diff1) : 0,
    "miner-mode": isSleeping ? 1 : 0,
    "freq-level": 100,
    power: whole(powerW),
    chain: boards.map((board) => ({
      index: board.slot,
      freq_avg: Math.round(board.freqMHz),
      rate_ideal: ghs(board.idealGhs),
      rate_real: ghs(board.rates.s5),
      ...{ asic_num: board.chips, asic: board.chipMap },
      ...{ temp_pic: board.picC, temp_pcb: board.pcbC, temp_chip: board.chipC },
      ...{ hw: board.hardwareErrors, eeprom_loaded: board.hasIdentity, sn: board.serial },
      hwp: board.diff1 > 0 ? percent(board.hardwareErrors, board.hardwareErrors + board.diff1) : 0,
    })),
  });
}

function summaryRow(picture: MinerPicture): Row {
  return row({
    elapsed: picture.elapsedS,
    ...ratesOf(picture),
    hw_all: picture.hardwareErrors,
    bestshare: shareTotals(picture.pools).bestShare,
    status: picture.health,
  });
}

function poolRow(pool: PoolPicture, unixS: number): Row {
  return row({
    ...{ index: pool.index, url: pool.url, user: pool.user, status: pool.status },
    ...{ priority: pool.priority, getworks: pool.getworks, accepted: pool.accepted },
    ...{ rejected: pool.rejected, discarded: pool.discarded, stale: pool.stale },
    ...{ diff: difficultyText(pool.difficulty), diff1: 0 },
    diffa: Math.round(pool.difficultyAccepted),
    diffr: Math.round(pool.difficultyRejected),
    diffs: Math.round(pool.difficultyStale),
    lsdiff: Math.round(pool.lastShareDifficulty),
    lstime: pool.lastShareUnixS === 0 ? "0" : durationText(unixS - pool.lastShareUnixS),
  });
}

/** `512K`; nothing without work. */
function difficultyText(difficulty: number): string {
  if (difficulty <= 0) return "";
  const power = Math.min(4, Math.max(0, Math.floor(Math.log2(difficulty) / 10)));
  return `${Number((difficulty / STEP ** power).toPrecision(3))}${["", "K", "M", "G", "T"][power] ?? ""}`;
}

/** `h:mm:ss` */
function durationText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}
