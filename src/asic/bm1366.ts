import { CORE_REGISTER, coreWriteWord } from "./registers.js";
import type { AsicFamily } from "./family.js";

/** S19 XP, S19k Pro, Bitaxe Ultra. */
export const BM1366: AsicFamily = {
  model: "BM1366",
  chipId: 0x1366,
  cores: 112,
  subCores: 8,
  hashUnits: 894,
  geometry: { evidence: "documented", source: "ESP-Miner; stock S19k Pro configuration" },
  pll: {
    fbMin: 144,
    fbMax: 235,
    vcoMinMHz: 1600,
    vcoMaxMHz: 3200,
    vcoMaxRef1MHz: 3200,
    evidence: "inferred",
    source: "feedback limits from ESP-Miner; VCO limits not published, those of BM1370 taken",
  },
  jobEcho: {
    jobBits: 5,
    evidence: "captured",
    source: "responses whose header was rebuilt and hashed",
  },
  sweepOverrun: { counts: 0, evidence: "documented", source: "ESP-Miner takes none" },
  hcnUnit: "captured",
  words: {
    softResetAll: 0x0007_0000,
    softResetChip: 0x0007_01f0,
    miscControlAll: 0xff0f_c100,
    miscControlChip: 0xf000_c100,
    coreClock: [
      coreWriteWord(CORE_REGISTER.hashClock, 0x40),
      coreWriteWord(CORE_REGISTER.clockDelay, 0x20),
    ],
    drive: 0x0211_1111,
    driveDomainEnd: 0x0211_f111,
  },
};
