import { BM1362 } from "../bm1362.js";
import { planFrequency, sliceNonces } from "../frequency.js";
import { REGISTER } from "../registers.js";
import { chipBaud, FAST_UART, RESET_BAUD } from "../uart.js";
import * as build from "./build.js";
import type { BringUp } from "./steps.js";

/** The stock firmware gives out the whole address space whatever the chain length. */
const ADDRESS_SPACE = 256;
/** gekko writes this before the PLL; what it does on a BM1362 is not known. */
const GEKKO_PLL_DIVIDER = 0x0f0f_0f00;

export const BM1362_S19J_PRO: BringUp = {
  name: "bm1362-s19jpro",
  model: "BM1362",
  solver: "stock",
  sweepSplit: "address",
  miningBaud: chipBaud(FAST_UART.threeMegaBm1362),
  evidence: "captured",
  source:
    "mujina reference, capture of a stock S19j Pro; pauses of about 10 ms as it describes them",
  steps: (geometry, settings) => [
    ...build.fromReset(),
    ...build.versionRolling(1),
    build.discover(),
    ...build.versionRolling(2),
    build.writeAll(REGISTER.softReset, BM1362.words.softResetAll),
    build.writeAll(REGISTER.miscControl, BM1362.words.miscControlAll),
    { is: "chainInactive", delayAfterMs: build.STOCK_PAUSE_MS },
    ...build.setAddresses(geometry, ADDRESS_SPACE / geometry.addressStep),
    build.checkAddresses(),
    ...build.coreClock(BM1362),
    build.ticketMask(settings),
    build.writeAll(REGISTER.analogMux, 3),
    build.writeAll(REGISTER.ioDriverStrength, BM1362.words.drive),
    ...build.changeBaud(FAST_UART.threeMegaBm1362, chipBaud(FAST_UART.threeMegaBm1362), 60),
    ...build.frequencyRamp(BM1362, "stock", settings.freqMHz),
    ...build.enableCores(BM1362, geometry),
    build.hashCounting(BM1362, "stock", sliceNonces("address", geometry), settings),
    ...build.versionRolling(1),
  ],
};

export const BM1362_GEKKO: BringUp = {
  name: "bm1362-gekko",
  model: "BM1362",
  solver: "stock",
  sweepSplit: "address",
  miningBaud: RESET_BAUD,
  evidence: "documented",
  source:
    "gekko driver of cgminer, Compac A1: goes straight to the clock and stays at 115,200 baud",
  steps: (geometry, settings) => [
    ...build.fromReset(),
    build.discover(),
    { is: "chainInactive", delayAfterMs: 100 },
    ...build.setAddresses(geometry, geometry.chips),
    build.checkAddresses(),
    build.writeAll(REGISTER.coreCommand, BM1362.words.coreClock[0]),
    build.writeAll(REGISTER.coreCommand, BM1362.words.coreClock[1], 100),
    build.ticketMask(settings, 20),
    build.writeAll(REGISTER.analogMux, 3, 50),
    build.writeAll(REGISTER.ioDriverStrength, BM1362.words.drive, 100),
    ...build.enableCores(BM1362, geometry),
    build.writeAll(REGISTER.pll0Divider, GEKKO_PLL_DIVIDER),
    build.writeAll(REGISTER.pll0, planFrequency(BM1362, "stock", settings.freqMHz).pllWord),
    { is: "delay", ms: 20 },
    build.hashCounting(BM1362, "stock", sliceNonces("address", geometry), settings),
    ...build.versionRolling(1),
  ],
};
