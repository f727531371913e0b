import { CORE_REGISTER, coreWriteWord } from "./registers.js";
import type { AsicFamily } from "./family.js";

/** S19j Pro, Compac A1. */
export const BM1362: AsicFamily = {
  model: "BM1362",
  chipId: 0x1362,
  cores: 65,
  subCores: 8,
  hashUnits: 514,
  geometry: {
    evidence: "documented",
    source: "mujina reference and gekko driver; core 64 is a runt with three dead sub-cores",
  },
  pll: {
    fbMin: 16,
    fbMax: 250,
    vcoMinMHz: 2000,
    vcoMaxMHz: 3200,
    vcoMaxRef1MHz: 3125,
    evidence: "documented",
    source: "stock solver, disassembled from the S19 Pro test; gives the captured S19j Pro steps",
  },
  jobEcho: {
    jobBits: 5,
    evidence: "inferred",
    source: "capture statistics, gekko and emberone say 5 + 3 bits; one project says 4 + 4",
  },
  sweepOverrun: { counts: 0, evidence: "inferred", source: "not measured; ESP-Miner takes none" },
  hcnUnit: "inferred",
  words: {
    softResetAll: 0x0000_0000,
    softResetChip: 0x0000_0002,
    miscControlAll: 0xb000_c100,
    miscControlChip: 0xb000_c100,
    coreClock: [
      coreWriteWord(CORE_REGISTER.hashClock, 0x40),
      coreWriteWord(CORE_REGISTER.clockDelay, 0x08),
    ],
    drive: 0x0001_1111,
    driveDomainEnd: 0x0001_1111,
  },
};
