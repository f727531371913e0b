import type { BringUpName } from "../../boards/names.js";
import { BM1362_GEKKO, BM1362_S19J_PRO } from "./bm1362.js";
import { BM1366_ESP, BM1366_S19_XP, BM1366_S19K_PRO } from "./bm1366.js";
import { BM1368_ESP, BM1368_S21 } from "./bm1368.js";
import { BM1370_ESP, BM1370_S21_PRO, BM1370_S21_XP } from "./bm1370.js";
import type { BringUp } from "./steps.js";

/** Every known bring-up by the name that machine files use. */
export const BRING_UPS: Readonly<Record<BringUpName, BringUp>> = {
  "bm1362-s19jpro": BM1362_S19J_PRO,
  "bm1362-gekko": BM1362_GEKKO,
  "bm1366-s19xp": BM1366_S19_XP,
  "bm1366-s19kpro": BM1366_S19K_PRO,
  "bm1366-esp": BM1366_ESP,
  "bm1368-s21": BM1368_S21,
  "bm1368-esp": BM1368_ESP,
  "bm1370-s21pro": BM1370_S21_PRO,
  "bm1370-s21xp": BM1370_S21_XP,
  "bm1370-esp": BM1370_ESP,
};
