import type { DrivenMachine } from "../boards/machine-spec.js";
import type { Sensor } from "../boards/schema/hashboard.js";
import type {
  BodyBoardSpec,
  BodySensorSpec,
  BodySpec,
  BodySupplySpec,
} from "../virtual/body/body-spec.js";
import type { EepromRecord } from "../virtual/eeprom/eeprom-image.js";

/**
 * What the fitted supply says of itself. Documented: a live S19k Pro has type 75 and firmware 19, an S19 Pro type 71,
 * an S21 test bench type C1 with firmware 1A08. The others are inferred from what their fixtures accept.
 */
const APW_OF_MACHINE: Readonly<Record<string, { typeCode: number; firmware: number }>> = {
  "s19k-pro": { typeCode: 0x75, firmware: 0x0019 },
  "s19j-pro": { typeCode: 0x71, firmware: 0x0019 },
  "s19-xp": { typeCode: 0x71, firmware: 0x0019 },
  s21: { typeCode: 0xc1, firmware: 0x1a08 },
  "s21-pro": { typeCode: 0xc1, firmware: 0x1a08 },
  "s21-xp": { typeCode: 0xc1, firmware: 0x1a08 },
};
const COMMON_APW = { typeCode: 0x71, firmware: 0x0019 };
const APW_ADDRESS = 0x10;
const APW_RATED_W = 3600;
const ADAPTER_MV = 5100;

/** Joules a terahash where the machine's file has no power: about what the first machines with the chip were sold as. Inferred. */
const J_PER_TH: Readonly<Record<string, number>> = {
  BM1362: 30,
  BM1366: 23,
  BM1368: 17.5,
  BM1370: 15,
};
const USUAL_J_PER_TH = 30;
const USUAL_RAIL_MV = 13_800;
/** Speed at full duty: an S21 showed 6600 to 6840, other machines from 4800 to 7900. */
const USUAL_FULL_RPM = 6600;
const USUAL_FANS = 4;
/** Fans that the control board drives. */
const MOST_FANS = 4;
const SLOTS = 4;
const EEPROM_ADDRESS = 0x50;
const CONTROLLER_ADDRESS = 0x20;
/** Captured on an S19 Pro. */
const CONTROLLER_VERSION = 0x89;

/**
 * How hashboards are equipped whose file leaves it open whether they have a controller. `auto`: with one where the
 * file has sensors behind it.
 */
export type ControllerChoice = "auto" | "none" | "framed";

/** A body for a machine, with stated defaults for what its files do not say. */
export function virtualBody(
  machine: DrivenMachine,
  seed: number,
  choice: ControllerChoice,
): BodySpec {
  const { hashboard, fans, rated, railMv } = machine;
  const isSmall = hashboard.regulator !== undefined || hashboard.chain.chips === 1;
  const jPerTh = J_PER_TH[machine.chip] ?? USUAL_J_PER_TH;
  return {
    title: machine.title,
    supply: isSmall ? { kind: "adapter" } : apwOf(machine, seed),
    boards: Array.from({ length: machine.chains }, (_, slot) =>
      boardOf(machine, slot, seed, choice),
    ),
    slots: SLOTS,
    ratedW: rated.powerW ?? rated.hashrateThs * jPerTh,
    nominalRailMv: railMv?.running ?? USUAL_RAIL_MV,
    fans: isSmall ? 0 : Math.min(MOST_FANS, fans?.count ?? USUAL_FANS),
    fanFullRpm: fullRpmOf(machine),
  };
}

/** Inside what the file says of good fans. */
function fullRpmOf({ fans }: DrivenMachine): number {
  const { minRpm = 0, maxRpm } = fans ?? {};
  return Math.max(minRpm * 1.1, Math.min(maxRpm ?? Infinity, USUAL_FULL_RPM));
}

function apwOf(machine: DrivenMachine, seed: number): BodySupplySpec {
  const supply = machine.supplies[0];
  const identity = APW_OF_MACHINE[machine.name] ?? COMMON_APW;
  return {
    kind: "apw",
    address: supply?.address ?? APW_ADDRESS,
    ratedW: supply?.ratedW ?? APW_RATED_W,
    identity: {
      ...identity,
      calibration: {
        // A made-up unit, off its formula by as much as the one calibration example that there is.
        firstMv: -35 + (seed % 7),
        deltasMv: [4, -2, 6, 1, -3, 0, 5],
        serial: Uint8Array.from({ length: 12 }, (_, at) => (at * 17 + seed) & 0x7f),
        date: { year: 2021, month: 12, day: 8 },
      },
    },
  };
}

function boardOf(
  machine: DrivenMachine,
  slot: number,
  seed: number,
  choice: ControllerChoice,
): BodyBoardSpec {
  const { hashboard } = machine;
  const isSmall = hashboard.regulator !== undefined || hashboard.chain.chips === 1;
  const { kind = "none", address = CONTROLLER_ADDRESS } = hashboard.controller ?? {};
  const isNeeded = hashboard.sensors?.some(({ at }) => at.bus === "controller") === true;
  const isChosen = choice === "framed" || (choice === "auto" && isNeeded);
  const hasController = kind === "framed" || (kind === "probe" && isChosen);
  const sensors = sensorsOf(hashboard.sensors, slot, isSmall);
  const fanController =
    hashboard.fanController ??
    (sensors.isEmc2101 ? { address: sensors.emc2101Address } : undefined);
  const eepromAddress = hashboard.eeprom?.address ?? (isSmall ? undefined : EEPROM_ADDRESS);
  return {
    sensors: sensors.specs,
    ...(eepromAddress !== undefined && {
      eeprom: {
        address: eepromAddress + slot,
        // Format 5 where boards carry a name, 3 otherwise.
        format: hashboard.boardNames === undefined ? 3 : 5,
        record: eepromRecord(machine, slot, seed, hasController),
      },
    }),
    ...(hasController && {
      controller: { address: address + slot, version: CONTROLLER_VERSION },
    }),
    ...(hashboard.regulator && {
      regulator: { address: hashboard.regulator.address, inputMv: ADAPTER_MV },
    }),
    ...(fanController && { fanController: { address: fanController.address } }),
  };
}

interface FoundSensors {
  readonly specs: readonly BodySensorSpec[];
  readonly isEmc2101: boolean;
  readonly emc2101Address: number;
}

/** Without any in the file: LM75A at 0x48 and 0x4C + slot, as documented of the S21. */
function sensorsOf(
  listed: readonly Sensor[] | undefined,
  slot: number,
  isSmall: boolean,
): FoundSensors {
  if (listed === undefined) {
    const usual: readonly BodySensorSpec[] = [
      { part: "lm75", place: "inlet", at: 0, bus: "boards", address: 0x48 + slot },
      { part: "lm75", place: "outlet", at: 1, bus: "boards", address: 0x4c + slot },
    ];
    return { specs: isSmall ? [] : usual, isEmc2101: false, emc2101Address: 0 };
  }
  const specs: BodySensorSpec[] = [];
  let emc2101Address: number | undefined;
  for (const [index, { part, place, at, remoteDiode }] of listed.entries()) {
    // A sensor behind a chip needs the chip's own I2C registers, which no driven family has documented.
    if (at.bus === "chip") continue;
    const address = at.bus === "boards" ? at.addresses[slot] : at.address;
    if (address === undefined) continue;
    if (part === "emc2101") emc2101Address = address;
    else
      specs.push({
        ...{ part, place, bus: at.bus, address },
        at: remoteDiode === true ? "die" : placeAlongAir(place, index, listed.length),
      });
  }
  return {
    specs,
    isEmc2101: emc2101Address !== undefined,
    emc2101Address: emc2101Address ?? 0,
  };
}

/** 0 inlet to 1 outlet; places with other names are spread in the order of the file. */
function placeAlongAir(place: string, index: number, count: number): number {
  if (place.includes("inlet")) return 0;
  if (place.includes("outlet")) return 1;
  return count === 1 ? 0.5 : index / (count - 1);
}

/** Identity of one board, made up. */
function eepromRecord(
  machine: DrivenMachine,
  slot: number,
  seed: number,
  hasController: boolean,
): EepromRecord {
  return {
    serial: `HEADFRAME${String(seed % 1_000_000).padStart(6, "0")}B${String(slot)}`,
    boardName: machine.hashboard.boardNames?.names[0] ?? "",
    factoryJob: "HEADFRAME VIRTUAL",
    chipDie: "HV",
    chipMarking: machine.chip,
    chipBin: 1,
    ftVersion: "F1V01B1C1",
    chipTechnology: "VM",
    pcbVersion: 0x0100,
    bomVersion: 0x0100,
    ...(hasController && { controllerSensors: { part: "lm75a", mask: 0x0f } }),
    voltageMv: machine.railMv?.running ?? USUAL_RAIL_MV,
    freqMHz: machine.freqMHz.nominal,
    nonceRatePct: 99.9,
    tempInC: 38,
    tempOutC: 52,
    testVersion: 0,
    testStandard: 1,
  };
}
