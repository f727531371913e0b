import { BM1370 } from "../bm1370.js";
import type { AsicFamily } from "../family.js";
import { sliceNonces } from "../frequency.js";
import { CORE_REGISTER, coreWriteWord, REGISTER } from "../registers.js";
import { chipBaud, FAST_UART } from "../uart.js";
import * as build from "./build.js";
import type { BringUp, BringUpSettings, ChainGeometry, Step } from "./steps.js";

/** The stock firmware gives out the whole address space whatever the chain length. */
const ADDRESS_SPACE = 256;
/** Captured from S21 Pro; the guard pattern of the ring oscillator pads. */
const RING_OSCILLATOR_GUARD = 0x5aa5_5aa5;
/** Captured from S21 Pro: sets the temperature diode up; not decoded. */
const DIODE_SETUP = 0x0000_4480;

/** Captured from an S21 XP: the words in which it differs from an S21 Pro, as far as known. */
const S21_XP_CHIP: AsicFamily = {
  ...BM1370,
  words: {
    ...BM1370.words,
    coreClock: [
      coreWriteWord(CORE_REGISTER.clockSelect, 0x00),
      coreWriteWord(CORE_REGISTER.clockDelay, 0x10),
    ],
    driveDomainEnd: 0x0001_3111,
  },
};

export const BM1370_S21_PRO: BringUp = {
  name: "bm1370-s21pro",
  model: "BM1370",
  solver: "stock",
  sweepSplit: "nonceOffset",
  miningBaud: chipBaud(FAST_UART.threeMegaBm1370),
  evidence: "captured",
  source: "mujina reference, capture of a stock S21 Pro; order of the domains from the S21 XP",
  steps: (geometry, settings) => stockSteps(BM1370, geometry, settings),
};

export const BM1370_S21_XP: BringUp = {
  ...BM1370_S21_PRO,
  name: "bm1370-s21xp",
  evidence: "inferred",
  source:
    "the S21 Pro sequence with geometry, clock delay and domain drive of the S21 XP, of which single writes are known (bm13xx-rs)",
  steps: (geometry, settings) => stockSteps(S21_XP_CHIP, geometry, settings),
};

export const BM1370_ESP: BringUp = {
  name: "bm1370-esp",
  model: "BM1370",
  solver: "espMiner",
  sweepSplit: "address",
  miningBaud: chipBaud(FAST_UART.oneMega),
  evidence: "documented",
  source: "ESP-Miner, Bitaxe Gamma and GT, and a capture of an older release with the same writes",
  steps: (geometry, settings) => [
    ...build.fromReset(),
    ...build.versionRolling(3, 0),
    build.discover(),
    ...build.versionRolling(1, 0),
    build.writeAll(REGISTER.softReset, BM1370.words.softResetAll, 0),
    build.writeAll(REGISTER.miscControl, BM1370.words.miscControlAll, 0),
    { is: "chainInactive", delayAfterMs: 0 },
    ...build.setAddresses(geometry, geometry.chips, 0),
    build.checkAddresses(),
    ...build.coreClock(BM1370, 0),
    build.ticketMask(settings, 0),
    build.writeAll(REGISTER.ioDriverStrength, BM1370.words.drive, 0),
    ...build.enableCores(BM1370, geometry, { delayMs: 0, delayAfterChipMs: 0 }),
    ...analogSetup(0),
    ...build.frequencyRamp(BM1370, "espMiner", settings.freqMHz),
    build.hashCounting(BM1370, "espMiner", sliceNonces("address", geometry), settings, 0),
    ...build.changeBaud(FAST_UART.oneMega, chipBaud(FAST_UART.oneMega), build.ESP_BAUD_SETTLE_MS),
    ...build.versionRolling(1, 0),
  ],
};

function stockSteps(chip: AsicFamily, geometry: ChainGeometry, settings: BringUpSettings): Step[] {
  return [
    ...build.fromReset(),
    ...build.versionRolling(3),
    build.discover(),
    build.writeAll(REGISTER.softReset, chip.words.softResetAll),
    build.writeAll(REGISTER.miscControl, chip.words.miscControlAll),
    { is: "chainInactive", delayAfterMs: build.STOCK_PAUSE_MS },
    ...build.setAddresses(geometry, ADDRESS_SPACE / geometry.addressStep),
    build.checkAddresses(),
    ...build.coreClock(chip),
    build.ticketMask(settings),
    build.writeAll(REGISTER.ioDriverStrength, chip.words.drive),
    ...build.domainDrive(geometry, chip.words.driveDomainEnd),
    build.writeAll(REGISTER.ringOscillatorGuard, RING_OSCILLATOR_GUARD),
    ...build.uartRelay(geometry),
    ...build.changeBaud(FAST_UART.threeMegaBm1370, chipBaud(FAST_UART.threeMegaBm1370), 60),
    ...build.enableCores(chip, geometry),
    ...analogSetup(build.STOCK_PAUSE_MS),
    ...build.frequencyRamp(chip, "stock", settings.freqMHz),
    { is: "firstWork" },
    ...build.nonceOffsets(geometry),
    build.hashCounting(chip, "stock", sliceNonces("nonceOffset", geometry), settings),
    ...build.versionRolling(1),
  ];
}

/** Temperature diode and the nonce bin overflow control, after the cores are on. */
function analogSetup(delayMs: number): Step[] {
  return [
    build.writeAll(REGISTER.adcControl1, DIODE_SETUP, delayMs),
    build.writeAll(REGISTER.analogMux, 2, delayMs),
    build.writeAll(REGISTER.adcControl1, DIODE_SETUP, delayMs),
    build.writeAll(
      REGISTER.coreCommand,
      coreWriteWord(CORE_REGISTER.nonceBinOverflow, 0xee),
      delayMs,
    ),
  ];
}
