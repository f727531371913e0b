import type { FittingRow } from "./fitting-row.js";

const ALL = [0, 1];
/** What mines while slot 1 does not. */
const FIRST = [0];

const BOARDS: readonly FittingRow[] = [
  {
    name: "no board in one slot, and one of another machine in the next",
    chains: [0, 1, 2],
    faults: [
      { name: "boardMissing", chain: 1 },
      { name: "eepromWrongBoard", chain: 2 },
    ],
    ...{ state: "hashing", power: "on", mining: FIRST },
    isolated: {
      1: { code: "BOARD_MISSING", slot: 1, plug: 0 },
      2: { code: "BOARD_WRONG", slot: 2, boardName: "BHB42601" },
    },
  },
  {
    name: "plug lines that lie, of a board that is there and of one that is not",
    chains: [0, 1, 2],
    faults: [
      { name: "plugLies", chain: 1 },
      { name: "boardMissing", chain: 2 },
      { name: "plugLies", chain: 2 },
    ],
    ...{ state: "hashing", power: "on", mining: ALL },
    isolated: { 2: { code: "BOARD_MISSING", slot: 2, plug: 1 } },
    warnings: {
      1: [{ code: "BOARD_PLUG_CONTRADICTION", slot: 1, plug: 0, answering: "eeprom sensors" }],
      2: [{ code: "BOARD_PLUG_CONTRADICTION", slot: 2, plug: 1, answering: "none" }],
    },
  },
  {
    name: "no board in any slot",
    faults: [{ name: "boardMissing" }],
    ...{ state: "fault", power: "never", mining: [] },
    error: { code: "BOARD_MISSING", slot: 0 },
    isolated: { 0: { code: "BOARD_MISSING", slot: 0 }, 1: { code: "BOARD_MISSING", slot: 1 } },
  },
  {
    name: "boards of another machine in all slots",
    faults: [{ name: "eepromWrongBoard", boardName: "BHB68603" }],
    ...{ state: "fault", power: "never", mining: [] },
    error: { code: "BOARD_WRONG", slot: 0, boardName: "BHB68603" },
    isolated: { 0: { code: "BOARD_WRONG", slot: 0 }, 1: { code: "BOARD_WRONG", slot: 1 } },
  },
  {
    name: "two boards that changed their slots since last time",
    before: "identified",
    faults: [{ name: "boardsSwapped", what: "eeprom" }],
    ...{ state: "hashing", power: "on", mining: ALL },
    warnings: {
      0: [{ code: "BOARD_MOVED", slot: 0, before: 1 }],
      1: [{ code: "BOARD_MOVED", slot: 1, before: 0 }],
    },
  },
  {
    name: "two boards whose parts answer in each other's place, on a machine that nobody knows",
    faults: [{ name: "boardsSwapped", what: "all" }],
    ...{ state: "hashing", power: "on", mining: ALL },
  },
  {
    name: "memories that are blank, damaged and silent",
    chains: [0, 1, 2],
    faults: [
      { name: "eepromBlank", chain: 0 },
      { name: "eepromGarbled", chain: 1 },
      { name: "eepromSilent", chain: 2 },
    ],
    ...{ state: "hashing", power: "on", mining: [0, 1, 2] },
    warnings: {
      0: [{ code: "EEPROM_BLANK", slot: 0 }],
      1: [{ code: "EEPROM_UNKNOWN", slot: 1 }],
      2: [{ code: "EEPROM_SILENT", slot: 2 }],
    },
  },
  {
    name: "a memory with the bytes of another",
    faults: [{ name: "eepromClone", chain: 1, of: 0 }],
    ...{ state: "hashing", power: "on", mining: ALL },
    warnings: {
      0: [{ code: "EEPROM_CLONED", slot: 0, alsoIn: "1" }],
      1: [{ code: "EEPROM_CLONED", slot: 1, alsoIn: "0" }],
    },
  },
];

const CHIPS: readonly FittingRow[] = [
  {
    name: "a chain that is one chip short, and one that is silent",
    chains: [0, 1, 2],
    faults: [
      { name: "chipMissing", chain: 1 },
      { name: "chainHung", chain: 2 },
    ],
    ...{ state: "hashing", power: "on", mining: FIRST },
    failed: {
      1: { code: "CHAIN_BROKEN", chain: "chain1", expected: 77, found: 76 },
      2: { code: "CHAIN_SILENT", chain: "chain2" },
    },
  },
  {
    name: "a chain with chips of another family, and one with a single such chip",
    chains: [0, 1, 2],
    faults: [
      { name: "wrongChipId", chain: 1 },
      { name: "wrongChipId", chain: 2, chip: 12 },
    ],
    ...{ state: "hashing", power: "on", mining: FIRST },
    failed: {
      1: { code: "CHAIN_WRONG_CHIP", expectedId: "0x1366", foundId: "0x1397" },
      2: { code: "CHAIN_WRONG_CHIP", chip: 12, expectedId: "0x1366", foundId: "0x1397" },
    },
  },
  {
    name: "a chain that is open behind a chip",
    faults: [{ name: "chainOpen", chain: 1, chip: 30 }],
    ...{ state: "hashing", power: "on", mining: FIRST },
    failed: { 1: { code: "CHAIN_BROKEN", behindChip: 30, found: 31, damage: "open" } },
  },
  {
    name: "a chain that is open behind a chip, where short chains are allowed",
    config: { allowShortChain: true },
    chains: [0],
    // Domains of seven chips: one of them answers in part.
    faults: [{ name: "chainOpen", chain: 0, chip: 36 }],
    ...{ state: "hashing", power: "on", mining: FIRST, chips: 35 },
    failed: { 0: { code: "CHAIN_SALVAGED", found: 37, working: 35, left: "35-36" } },
  },
  {
    name: "chains that are all silent",
    faults: [{ name: "chainHung" }],
    ...{ state: "fault", power: "off", mining: [] },
    error: { code: "CHAIN_SILENT", chain: "chain0" },
    failed: { 0: { code: "CHAIN_SILENT" }, 1: { code: "CHAIN_SILENT" } },
  },
  {
    name: "chains that answer only with all others out of reset",
    faults: [{ name: "resetApart" }],
    chains: [0, 1, 2],
    ...{ state: "hashing", power: "on", mining: [0, 1, 2] },
  },
];

const SUPPLY: readonly FittingRow[] = [
  {
    name: "a supply that is silent",
    faults: [{ name: "psuSilent" }],
    ...{ state: "fault", power: "never", mining: [] },
    error: { code: "PSU_NO_ANSWER" },
  },
  {
    name: "a supply that refuses every command",
    faults: [{ name: "psuBusy" }],
    ...{ state: "fault", power: "never", mining: [] },
    error: { code: "PSU_NO_ANSWER" },
  },
  {
    name: "a supply of a type that nobody knows",
    faults: [{ name: "psuTypeUnknown", typeCode: 0x5a }],
    ...{ state: "fault", power: "never", mining: [] },
    error: { code: "PSU_TYPE_UNKNOWN", type: "0x5a" },
  },
  {
    name: "a supply of another machine",
    faults: [{ name: "psuTypeUnknown", typeCode: 0xc1 }],
    ...{ state: "fault", power: "never", mining: [] },
    error: { code: "PSU_TYPE_UNEXPECTED", type: "0xc1", expected: "apw12" },
  },
  {
    name: "a supply that refuses a voltage and applies it",
    faults: [{ name: "psuRefusesYetApplies" }],
    ...{ state: "hashing", power: "on", mining: ALL },
  },
  {
    name: "a supply that repeats a voltage and stays at a lower one",
    before: "running",
    faults: [{ name: "psuAppliesNot" }],
    ...{ state: "fault", power: "never", mining: [] },
    error: { code: "PSU_READBACK_MISMATCH" },
  },
  {
    // What it comes with is nearly what was asked for, and more than the boards may get.
    name: "a supply that repeats a voltage and stays at its own",
    faults: [{ name: "psuAppliesNot" }],
    ...{ state: "fault", power: "never", mining: [] },
    error: {
      code: "PSU_VOLTAGE_OUT_OF_RANGE",
      missing: "PSU_VOLTAGE_OUT_OF_RANGE railMv=15124 minMv=12000 maxMv=15000",
    },
  },
  {
    name: "a supply whose output is too high",
    faults: [{ name: "psuWrongVoltage", offsetMv: 1500 }],
    ...{ state: "fault", power: "off", mining: [] },
    error: { code: "PSU_OUTPUT_WRONG" },
  },
  {
    name: "a supply without output",
    faults: [{ name: "psuNoOutput" }],
    ...{ state: "fault", power: "off", mining: [] },
    error: { code: "PSU_OUTPUT_WRONG" },
  },
  {
    name: "a supply whose output cannot be switched off",
    faults: [{ name: "psuStuckOn" }],
    ...{ state: "fault", power: "stuckOn", mining: [] },
    error: { code: "PSU_NOT_OFF" },
  },
  {
    name: "a supply and a bus of the boards that are slow",
    faults: [
      { name: "psuSlow", delayMs: 300 },
      { name: "i2cSlow", bus: "boards", delayMs: 20 },
    ],
    ...{ state: "hashing", power: "on", mining: ALL },
  },
  {
    name: "mains that are too low",
    faults: [{ name: "acBrownOut" }],
    ...{ state: "fault", power: "off", mining: [] },
    error: { code: "PSU_OUTPUT_WRONG" },
  },
  {
    name: "an enable line that does not move",
    faults: [{ name: "enableLineDead" }],
    ...{ state: "fault", power: "off", mining: [] },
    error: { code: "PSU_OUTPUT_WRONG" },
  },
];

/** Boards with converters of their own, which only their controllers switch on. */
const CONTROLLERS: readonly FittingRow[] = [
  {
    name: "controllers of an unknown version, that do not start and that are silent",
    machine: "s19j-pro",
    chains: [0, 1, 2],
    faults: [
      { name: "controllerWrongVersion", chain: 0, version: 0x5a },
      { name: "controllerInLoader", chain: 1 },
      { name: "controllerSilent", chain: 2 },
    ],
    ...{ state: "hashing", power: "on", mining: FIRST },
    isolated: {
      1: { code: "CONTROLLER_IN_LOADER", slot: 1 },
      2: { code: "CONTROLLER_NO_ANSWER", slot: 2 },
    },
    // No source says which versions there are.
    controllerVersions: { 0: 0x5a },
  },
];

const AIR: readonly FittingRow[] = [
  {
    name: "a sensor that is silent, and one that tells what cannot be",
    chains: [0, 1, 2],
    faults: [
      { name: "sensorSilent", chain: 1, sensor: 0 },
      { name: "sensorOffset", chain: 2, sensor: 1, offsetC: -150 },
    ],
    ...{ state: "hashing", power: "on", mining: FIRST },
    isolated: {
      1: { code: "SENSOR_SILENT", slot: 1, place: "inlet" },
      2: { code: "SENSOR_IMPLAUSIBLE", slot: 2, place: "outlet" },
    },
  },
  {
    name: "sensors that are silent on all boards",
    faults: [{ name: "sensorSilent" }],
    ...{ state: "fault", power: "never", mining: [] },
    error: { code: "SENSOR_SILENT", slot: 0 },
    isolated: { 0: { code: "SENSOR_SILENT", slot: 0 }, 1: { code: "SENSOR_SILENT", slot: 1 } },
  },
  {
    name: "sensors that disagree",
    faults: [{ name: "sensorOffset", chain: 1, sensor: 1, offsetC: 25 }],
    ...{ state: "hashing", power: "on", mining: FIRST, withinS: 90 },
    isolated: {
      1: { code: "SENSORS_DISAGREE", slot: 1, coldest: "inlet", hottest: "outlet" },
    },
  },
  ...(["fanMissing", "tachDead"] as const).map((name, index): FittingRow => ({
    name: `a fan with ${name}`,
    faults: [{ name, fan: index + 1 }],
    ...{ state: "fault", power: "never", mining: [] },
    error: { code: "FAN_MISSING", fan: index + 1 },
  })),
];

const BUSES: readonly FittingRow[] = [
  {
    name: "a bus of the boards that is held down",
    faults: [{ name: "i2cStuck", bus: "boards" }],
    ...{ state: "fault", power: "never", mining: [] },
    error: { code: "I2C_BUS_STUCK", slot: 0 },
    isolated: { 0: { code: "I2C_BUS_STUCK", slot: 0 }, 1: { code: "I2C_BUS_STUCK", slot: 1 } },
  },
  {
    name: "a bus of the boards that is held down until it is freed, and one of the supply with noise",
    faults: [
      { name: "i2cStuck", bus: "boards", recovers: "yes" },
      { name: "i2cNoise", bus: "psu", share: 0.001 },
    ],
    ...{ state: "hashing", power: "on", mining: ALL },
  },
  {
    name: "a bus of the supply that is held down",
    faults: [{ name: "i2cStuck", bus: "psu" }],
    ...{ state: "fault", power: "never", mining: [] },
    error: { code: "I2C_BUS_STUCK" },
  },
];

/** Everything that the machine may find itself fitted with. */
export const FITTING_ROWS: readonly FittingRow[] = [
  ...BOARDS,
  ...CHIPS,
  ...SUPPLY,
  ...CONTROLLERS,
  ...AIR,
  ...BUSES,
];
