import { BM1368 } from "../bm1368.js";
import { sliceNonces } from "../frequency.js";
import { chipBaud, FAST_UART } from "../uart.js";
import { REGISTER } from "../registers.js";
import * as build from "./build.js";
import type { BringUp, BringUpSettings, ChainGeometry, Step } from "./steps.js";

/** What differs between the two machines that share the only known BM1368 sequence. */
interface Pacing {
  readonly delayMs: number;
  readonly delayAfterChipMs: number;
  readonly baudSettleMs: number;
  readonly addressCommands: (geometry: ChainGeometry) => number;
}

export const BM1368_ESP: BringUp = {
  name: "bm1368-esp",
  model: "BM1368",
  solver: "espMiner",
  sweepSplit: "address",
  miningBaud: chipBaud(FAST_UART.oneMega),
  evidence: "documented",
  source: "ESP-Miner, Bitaxe Supra and SupraHex; the pause after each chip spares the supply",
  steps: (geometry, settings) =>
    steps(geometry, settings, {
      delayMs: 0,
      delayAfterChipMs: 500,
      baudSettleMs: build.ESP_BAUD_SETTLE_MS,
      addressCommands: ({ chips }) => chips,
    }),
};

export const BM1368_S21: BringUp = {
  ...BM1368_ESP,
  name: "bm1368-s21",
  evidence: "inferred",
  source:
    "no capture of an S21 is known: ESP-Miner's BM1368 sequence, whose values agree with the single ones known of " +
    "the S21, at the pace of the stock machines; drive and relay per domain are not known and left as after reset",
  steps: (geometry, settings) =>
    steps(geometry, settings, {
      delayMs: build.STOCK_PAUSE_MS,
      delayAfterChipMs: build.STOCK_PAUSE_MS,
      baudSettleMs: 60,
      addressCommands: ({ addressStep }) => 256 / addressStep,
    }),
};

function steps(geometry: ChainGeometry, settings: BringUpSettings, pacing: Pacing): Step[] {
  const { delayMs } = pacing;
  return [
    ...build.fromReset(),
    ...build.versionRolling(4, delayMs),
    build.discover(),
    { is: "chainInactive", delayAfterMs: delayMs },
    build.writeAll(REGISTER.softReset, BM1368.words.softResetAll, delayMs),
    build.writeAll(REGISTER.miscControl, BM1368.words.miscControlAll, delayMs),
    ...build.coreClock(BM1368, delayMs),
    build.ticketMask(settings, delayMs),
    build.writeAll(REGISTER.analogMux, 3, delayMs),
    build.writeAll(REGISTER.ioDriverStrength, BM1368.words.drive, delayMs),
    ...build.setAddresses(geometry, pacing.addressCommands(geometry), delayMs),
    build.checkAddresses(),
    ...build.enableCores(BM1368, geometry, pacing),
    build.ticketMask(settings, delayMs),
    ...build.frequencyRamp(BM1368, "espMiner", settings.freqMHz),
    build.hashCounting(BM1368, "espMiner", sliceNonces("address", geometry), settings, delayMs),
    ...build.versionRolling(1, delayMs),
    ...build.changeBaud(FAST_UART.oneMega, chipBaud(FAST_UART.oneMega), pacing.baudSettleMs),
  ];
}
