import { BM1366 } from "../bm1366.js";
import { sliceNonces } from "../frequency.js";
import { REGISTER } from "../registers.js";
import { chipBaud, FAST_UART } from "../uart.js";
import * as build from "./build.js";
import type { BringUp, BringUpSettings, ChainGeometry, Step } from "./steps.js";

/** Full core reset of the stock firmware: reset word, report enables off, release, report enables on. */
const CORE_RESET = [
  [REGISTER.softReset, 0x0007_000f],
  [REGISTER.miscControl, 0x0000_c100],
  [REGISTER.softReset, 0x0007_0100],
  [REGISTER.miscControl, BM1366.words.miscControlAll],
] as const;

/** ESP-Miner writes this to chip 0: left over from an S19 XP, without use on a single chip. */
const ESP_RELAY = 0x007c_0003;

export const BM1366_S19_XP: BringUp = {
  name: "bm1366-s19xp",
  model: "BM1366",
  solver: "stock",
  sweepSplit: "address",
  miningBaud: chipBaud(FAST_UART.oneMega),
  evidence: "captured",
  source:
    "bm13xx-rs, driver modelled on a capture of an S19 XP; the place of the first core reset is that author's",
  steps: stockSteps,
};

export const BM1366_S19K_PRO: BringUp = {
  ...BM1366_S19_XP,
  name: "bm1366-s19kpro",
  evidence: "inferred",
  source:
    "the S19 XP sequence with the geometry of the S19k Pro; no capture of an S19k Pro is known",
};

export const BM1366_ESP: BringUp = {
  name: "bm1366-esp",
  model: "BM1366",
  solver: "espMiner",
  sweepSplit: "address",
  miningBaud: chipBaud(FAST_UART.oneMega),
  evidence: "documented",
  source: "ESP-Miner, Bitaxe Ultra and Hex; writes follow each other without a pause",
  steps: (geometry, settings) => [
    ...build.fromReset(),
    ...build.versionRolling(3, 0),
    build.discover(),
    build.writeAll(REGISTER.softReset, BM1366.words.softResetAll, 0),
    build.writeAll(REGISTER.miscControl, BM1366.words.miscControlAll, 0),
    { is: "chainInactive", delayAfterMs: 0 },
    ...build.setAddresses(geometry, geometry.chips, 0),
    build.checkAddresses(),
    ...build.coreClock(BM1366, 0),
    build.ticketMask(settings, 0),
    build.writeAll(REGISTER.analogMux, 3, 0),
    build.writeAll(REGISTER.ioDriverStrength, BM1366.words.drive, 0),
    build.writeChip(0, REGISTER.uartRelay, ESP_RELAY, 0),
    ...build.enableCores(BM1366, geometry, { delayMs: 0, delayAfterChipMs: 0 }),
    ...build.frequencyRamp(BM1366, "espMiner", settings.freqMHz),
    build.hashCounting(BM1366, "espMiner", sliceNonces("address", geometry), settings, 0),
    ...build.versionRolling(1, 0),
    ...build.changeBaud(FAST_UART.oneMega, chipBaud(FAST_UART.oneMega), build.ESP_BAUD_SETTLE_MS),
  ],
};

function stockSteps(geometry: ChainGeometry, settings: BringUpSettings): Step[] {
  return [
    ...build.fromReset(),
    ...build.versionRolling(3),
    build.discover(),
    ...CORE_RESET.map(([register, value]) => build.writeAll(register, value)),
    ...build.coreClock(BM1366),
    { is: "chainInactive", delayAfterMs: build.STOCK_PAUSE_MS },
    ...build.setAddresses(geometry, geometry.chips),
    build.checkAddresses(),
    ...build.coreClock(BM1366),
    build.ticketMask(settings),
    build.writeAll(REGISTER.analogMux, 3),
    build.writeAll(REGISTER.ioDriverStrength, BM1366.words.drive),
    ...build.domainDrive(geometry, BM1366.words.driveDomainEnd),
    ...build.uartRelay(geometry),
    { is: "delay", ms: 130 },
    ...build.changeBaud(FAST_UART.oneMega, chipBaud(FAST_UART.oneMega), 200),
    ...build.enableCores(BM1366, geometry),
    build.writeAll(REGISTER.pll0Divider, 0, 2),
    ...build.frequencyRamp(BM1366, "stock", settings.freqMHz),
    build.hashCounting(BM1366, "stock", sliceNonces("address", geometry), settings, 1),
    ...build.versionRolling(1, 1),
  ];
}
