import { nonceOffsetWord } from "../nonce-offset.js";
import {
  planFrequency,
  planHashCounting,
  RAMP_STEP_DELAY_MS,
  rampMHz,
  RESET_CLOCK_MHZ,
} from "../frequency.js";
import type { AsicFamily } from "../family.js";
import type { PllSolver } from "../pll.js";
import {
  CORE_REGISTER,
  coreWriteWord,
  FULL_VERSION_MASK,
  REGISTER,
  versionRollingWord,
} from "../registers.js";
import { ticketMask as maskOf } from "../ticket-mask.js";
import { RESET_BAUD } from "../uart.js";
import type { BringUpSettings, ChainGeometry, Step } from "./steps.js";

/** Between two writes of a long chain. Captured: about 10 ms on every stock machine. */
export const STOCK_PAUSE_MS = 10;
/** Documented: ESP-Miner resets with 100 ms low and waits 100 ms; the captures start after it. */
export const RESET_MS = 100;
/** Documented: drivers wait 10 to 200 ms between the write and the host's change. */
export const ESP_BAUD_SETTLE_MS = 10;
/** Answers to one broadcast read come back to back, so a second of silence is the end. */
export const DISCOVERY_SILENCE_MS = 1000;
/** At the mining rate all answers of the longest chain take 5 ms at most. */
const LINK_SILENCE_MS = 100;
/** Core enable word of every family. */
const CORE_ENABLE = coreWriteWord(CORE_REGISTER.coreEnable, 0xaa);

export function writeAll(register: number, value: number, delayAfterMs = STOCK_PAUSE_MS): Step {
  return { is: "write", target: "all", register, value, delayAfterMs };
}

export function writeChip(
  address: number,
  register: number,
  value: number,
  delayAfterMs = STOCK_PAUSE_MS,
): Extract<Step, { is: "write" }> {
  return { is: "write", target: address, register, value, delayAfterMs };
}

/** Full automatic version rolling, `times` over because nothing acknowledges it. */
export function versionRolling(times: number, delayAfterMs = STOCK_PAUSE_MS): Step[] {
  const value = versionRollingWord(FULL_VERSION_MASK);
  return Array.from({ length: times }, () =>
    writeAll(REGISTER.versionRolling, value, delayAfterMs),
  );
}

/** A known start: chips without addresses at their reset rate, the host at the rate next to it. */
export function fromReset(): Step[] {
  return [
    { is: "reset", lowMs: RESET_MS, highMs: RESET_MS },
    { is: "hostBaud", baud: RESET_BAUD, settleMs: 0 },
  ];
}

export function discover(): Step {
  return { is: "discover", silenceMs: DISCOVERY_SILENCE_MS };
}

/** Gives `commands` addresses from 0 on; commands beyond the last chip find no taker. */
export function setAddresses(
  geometry: ChainGeometry,
  commands: number,
  delayAfterMs = STOCK_PAUSE_MS,
): Step[] {
  return Array.from({ length: commands }, (_, index) => ({
    is: "setAddress",
    address: index * geometry.addressStep,
    delayAfterMs,
  }));
}

export function checkAddresses(): Step {
  return { is: "checkAddresses", silenceMs: DISCOVERY_SILENCE_MS };
}

/** Chips first, then the host, then a read at the new rate. */
export function changeBaud(word: number, baud: number, settleMs: number): Step[] {
  return [
    writeAll(REGISTER.fastUart, word, 0),
    { is: "hostBaud", baud, settleMs },
    { is: "checkLink", silenceMs: LINK_SILENCE_MS },
  ];
}

function chipAddresses(geometry: ChainGeometry): number[] {
  return Array.from({ length: geometry.chips }, (_, index) => index * geometry.addressStep);
}

/** Domains from the far end to the host, with the addresses of their first and last chip. */
function domainsFarFirst(
  geometry: ChainGeometry,
): { domain: number; first: number; last: number }[] {
  return Array.from({ length: geometry.domains }, (_, index) => {
    const domain = geometry.domains - 1 - index;
    const firstChip = domain * geometry.chipsPerDomain;
    return {
      domain,
      first: firstChip * geometry.addressStep,
      last: (firstChip + geometry.chipsPerDomain - 1) * geometry.addressStep,
    };
  });
}

/** Clock output raised on the last chip of each domain, where the line leaves for another ground. */
export function domainDrive(geometry: ChainGeometry, value: number): Step[] {
  return domainsFarFirst(geometry).map(({ last }) =>
    writeChip(last, REGISTER.ioDriverStrength, value),
  );
}

/**
 * UART relay on the first and last chip of each domain: gap << 16 | both relays on, gap = chipsPerDomain x
 * (domains - domain) + 14. Captured: S19 XP and S21 XP; the unit of the gap is unknown.
 */
export function uartRelay(geometry: ChainGeometry): Step[] {
  return domainsFarFirst(geometry).flatMap(({ domain, first, last }) => {
    const gap = geometry.chipsPerDomain * (geometry.domains - domain) + 14;
    const value = (gap << 16) | 0x3;
    return [
      writeChip(first, REGISTER.uartRelay, value),
      writeChip(last, REGISTER.uartRelay, value),
    ];
  });
}

/** Switches the cores on chip by chip, so that the supply sees small steps. */
export function enableCores(
  family: AsicFamily,
  geometry: ChainGeometry,
  { delayMs = STOCK_PAUSE_MS, delayAfterChipMs = STOCK_PAUSE_MS } = {},
): Step[] {
  const { words } = family;
  const steps = chipAddresses(geometry).flatMap((address) => [
    writeChip(address, REGISTER.softReset, words.softResetChip, delayMs),
    writeChip(address, REGISTER.miscControl, words.miscControlChip, delayMs),
    ...words.coreClock.map((word) => writeChip(address, REGISTER.coreCommand, word, delayMs)),
    writeChip(address, REGISTER.coreCommand, CORE_ENABLE, delayAfterChipMs),
  ]);
  return steps.map((step) => ({ ...step, opensCores: true }));
}

/** Core clock words for every chip at once. */
export function coreClock(family: AsicFamily, delayAfterMs = STOCK_PAUSE_MS): Step[] {
  return family.words.coreClock.map((word) => writeAll(REGISTER.coreCommand, word, delayAfterMs));
}

/** From the reset clock to `toMHz` in the captured steps. */
export function frequencyRamp(family: AsicFamily, solver: PllSolver, toMHz: number): Step[] {
  return rampMHz(RESET_CLOCK_MHZ, toMHz).map((freqMHz) =>
    writeAll(REGISTER.pll0, planFrequency(family, solver, freqMHz).pllWord, RAMP_STEP_DELAY_MS),
  );
}

/** Where each chip starts its sweep. */
export function nonceOffsets(geometry: ChainGeometry): Step[] {
  return chipAddresses(geometry).map((address, index) =>
    writeChip(address, REGISTER.nonceOffset, nonceOffsetWord(index, geometry.chips)),
  );
}

/** What the chips report. */
export function ticketMask(settings: BringUpSettings, delayAfterMs = STOCK_PAUSE_MS): Step {
  const { registerValue } = maskOf(settings.ticketDifficulty);
  return writeAll(REGISTER.ticketMask, registerValue, delayAfterMs);
}

/** How far each core sweeps, at the clock of the settings. */
export function hashCounting(
  family: AsicFamily,
  solver: PllSolver,
  sliceNonces: number,
  settings: BringUpSettings,
  delayAfterMs = STOCK_PAUSE_MS,
): Step {
  const { dividers } = planFrequency(family, solver, settings.freqMHz);
  const value = planHashCounting(family, sliceNonces, dividers, settings.stockHashCountingNumber);
  return writeAll(REGISTER.hashCountingNumber, value, delayAfterMs);
}
