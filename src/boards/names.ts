/** Bring-up sequences that a machine file may name; src/asic/bring-up has one entry for each. */
export const BRING_UP_NAMES = [
  "bm1362-s19jpro",
  "bm1362-gekko",
  "bm1366-s19xp",
  "bm1366-s19kpro",
  "bm1366-esp",
  "bm1368-s21",
  "bm1368-esp",
  "bm1370-s21pro",
  "bm1370-s21xp",
  "bm1370-esp",
] as const;
export type BringUpName = (typeof BRING_UP_NAMES)[number];

/** Chips that this program has a driver for. */
export const DRIVEN_CHIPS = ["BM1362", "BM1366", "BM1368", "BM1370"] as const;
export type DrivenChip = (typeof DRIVEN_CHIPS)[number];

/** Chips that a hashboard file may name. */
export const CHIP_NAMES = [...DRIVEN_CHIPS, "BM1387", "BM1397", "BM1398"] as const;
export type ChipName = (typeof CHIP_NAMES)[number];

/** Temperature sensors by printed name; `lm75`: one of the many parts that answer like an LM75A. */
export const SENSOR_PARTS = [
  "lm75",
  "tmp75",
  "tmp1075",
  "tmp451",
  "nct218",
  "adt7461",
  "emc2101",
] as const;
export type SensorPart = (typeof SENSOR_PARTS)[number];
