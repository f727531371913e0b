import { CORE_REGISTER, coreWriteWord } from "./registers.js";
import type { AsicFamily } from "./family.js";

/** S21 Pro, S21 XP, Bitaxe Gamma. The clock delay is that of the S21 Pro: it is a trim of the silicon. */
export const BM1370: AsicFamily = {
  model: "BM1370",
  chipId: 0x1370,
  cores: 128,
  subCores: 16,
  hashUnits: 2040,
  geometry: { evidence: "documented", source: "stock S21 XP Hyd configuration; ESP-Miner" },
  pll: {
    fbMin: 160,
    fbMax: 239,
    vcoMinMHz: 1600,
    vcoMaxMHz: 3200,
    vcoMaxRef1MHz: 3200,
    evidence: "documented",
    source: "ESP-Miner; the stock solver gives the captured S21 Pro steps within them",
  },
  jobEcho: {
    jobBits: 4,
    evidence: "captured",
    source: "a share accepted by a pool; all 7,902 answers of an S21 Pro",
  },
  sweepOverrun: {
    counts: 268,
    evidence: "documented",
    source: "ESP-Miner subtracts 268; mujina measured 109 to 132",
  },
  hcnUnit: "inferred",
  words: {
    softResetAll: 0x0007_0000,
    softResetChip: 0x0007_01f0,
    miscControlAll: 0xf000_c100,
    miscControlChip: 0xf000_c100,
    coreClock: [
      coreWriteWord(CORE_REGISTER.clockSelect, 0x00),
      coreWriteWord(CORE_REGISTER.clockDelay, 0x0c),
    ],
    drive: 0x0001_1111,
    driveDomainEnd: 0x0001_f111,
  },
};
