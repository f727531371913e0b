import type { BringUpName } from "../../../src/boards/names.js";
import type { sentBy } from "./sent.js";

export interface RegisterWriteCase {
  id: string;
  chip: string;
  machine: string;
  frame: string;
}

export interface Machine {
  readonly name: BringUpName;
  readonly geometry: Parameters<typeof sentBy>[1];
  readonly settings: Parameters<typeof sentBy>[2];
}

const ONE_CHIP = { chips: 1, domains: 1, chipsPerDomain: 1, addressStep: 256 };

function machine(
  name: BringUpName,
  geometry: Machine["geometry"],
  freqMHz: number,
  stockHashCountingNumber?: number,
): Machine {
  const settings = { freqMHz, ticketDifficulty: 256 };
  return {
    name,
    geometry,
    settings:
      stockHashCountingNumber === undefined ? settings : { ...settings, stockHashCountingNumber },
  };
}

export const S19_XP = { chips: 110, domains: 11, chipsPerDomain: 10, addressStep: 2 };
const S19J_PRO = { chips: 126, domains: 42, chipsPerDomain: 3, addressStep: 2 };
const S21_PRO = { chips: 65, domains: 13, chipsPerDomain: 5, addressStep: 2 };
export const S21_XP_SETTINGS = {
  freqMHz: 485,
  ticketDifficulty: 256,
  stockHashCountingNumber: 0x1a44,
};
export const S21_XP = { chips: 91, domains: 13, chipsPerDomain: 7, addressStep: 2 };

/** By chip and machine as the vectors name them. */
export const MACHINES: Readonly<Record<string, readonly Machine[]>> = {
  "BM1366 Bitaxe": [machine("bm1366-esp", ONE_CHIP, 485)],
  "BM1368 Bitaxe": [machine("bm1368-esp", ONE_CHIP, 490)],
  "BM1370 Bitaxe": [machine("bm1370-esp", ONE_CHIP, 525)],
  "BM1370 Bitaxe / S21 Pro": [
    machine("bm1370-esp", ONE_CHIP, 525),
    machine("bm1370-s21pro", S21_PRO, 600, 0x1eb5),
  ],
  "BM1370 S21 Pro": [machine("bm1370-s21pro", S21_PRO, 600, 0x1eb5)],
  "BM1370 S21 XP / S21 Pro": [machine("bm1370-s21pro", S21_PRO, 600, 0x1eb5)],
  "BM1362 S19j Pro": [machine("bm1362-s19jpro", S19J_PRO, 525, 0x1381)],
  "BM1362 GekkoScience A1": [machine("bm1362-gekko", ONE_CHIP, 400, 0x12c9)],
  "BM1366 S19 XP": [machine("bm1366-s19xp", S19_XP, 475, 0x151c)],
};

/** Writes of the vectors that our sequences do not hold, and why. */
export const EXPLAINED: Readonly<Record<string, string>> = {
  "bm1370-bitaxe-08-525":
    "dividers of an older ESP-Miner solver; the present one takes fewer VCO MHz",
  "bm1366-s19xp-2c-00-34":
    "stray line of a driver test: it contradicts the run of gaps, chip 0 has 0x7C",
  "bm1366-s19xp-60-00-36": "feeds the UART from PLL1 for 6.25 MBaud, which was never run",
  "bm1366-s19xp-28-00-37": "6.25 MBaud, which was never run",
  "bm1370-s21xps21pro-3c-00-2": "clock delay of the S21 XP",
  "bm1370-s21xps21pro-3c-00-49": "clock delay of the S21 XP",
  "bm1370-s21xps21pro-54-00-4": "S21 XP, when is not known; the S21 Pro selects input 2 later",
  "bm1370-s21xps21pro-10-00-57": "hash counting number of the S21 XP",
};
/** Drive and relay of the S21 XP have a geometry of their own and are compared by themselves. */
export const S21_XP_DOMAINS = /^bm1370-s21xps21pro-(58|2c)-/;
