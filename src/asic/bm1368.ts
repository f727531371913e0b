import { CORE_REGISTER, coreWriteWord } from "./registers.js";
import type { AsicFamily } from "./family.js";

/** S21, T21, Bitaxe Supra. */
export const BM1368: AsicFamily = {
  model: "BM1368",
  chipId: 0x1368,
  cores: 80,
  subCores: 16,
  hashUnits: 1276,
  geometry: { evidence: "documented", source: "stock S21 configuration; ESP-Miner" },
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
    jobBits: 4,
    evidence: "captured",
    source: "one job and response whose header was rebuilt and hashed",
  },
  sweepOverrun: { counts: 0, evidence: "documented", source: "ESP-Miner takes none" },
  hcnUnit: "inferred",
  words: {
    softResetAll: 0x0007_0000,
    softResetChip: 0x0007_01f0,
    miscControlAll: 0xff0f_c100,
    miscControlChip: 0xf000_c100,
    coreClock: [
      coreWriteWord(CORE_REGISTER.clockSelect, 0x00),
      coreWriteWord(CORE_REGISTER.clockDelay, 0x18),
    ],
    drive: 0x0211_1111,
    driveDomainEnd: 0x0211_1111,
  },
};
