import type { ChipModel } from "../hal/chain-port.js";
import { BM1362 } from "./bm1362.js";
import { BM1366 } from "./bm1366.js";
import { BM1368 } from "./bm1368.js";
import { BM1370 } from "./bm1370.js";
import type { AsicFamily } from "./family.js";

/** The chip families by printed name. */
export const FAMILIES: Readonly<Record<ChipModel, AsicFamily>> = { BM1362, BM1366, BM1368, BM1370 };
