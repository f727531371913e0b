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
  "bm1370-esp",
] as const;
export type BringUpName = (typeof BRING_UP_NAMES)[number];

/** Chips that a hashboard file may name. */
export const CHIP_NAMES = ["BM1362", "BM1366", "BM1368", "BM1370"] as const;
export type ChipName = (typeof CHIP_NAMES)[number];
