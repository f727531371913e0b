/** Families that the virtual hashboards know, by printed name. */
export const VIRTUAL_CHIPS = ["BM1362", "BM1366", "BM1368", "BM1370"] as const;
export type VirtualChipName = (typeof VIRTUAL_CHIPS)[number];

/** What differs between the families. Documented: fact sheet sections 1, 4.3, 5, 6 and 9 unless said otherwise. */
export interface ChipFamily {
  readonly name: VirtualChipName;
  readonly cores: number;
  readonly subCores: number;
  /** Hash units that work; the rest of cores x subCores finds nothing. */
  readonly hashUnits: number;
  /** Bits of the id byte that hold the sub-core. */
  readonly subCoreBits: 3 | 4;
  /** Steps in which the excess byte counts: a whole or half a zero bit. */
  readonly excessSteps: 1 | 2;
  /** True when register 0x0C moves the sweep. */
  readonly hasNonceOffset: boolean;
  /** True when misc control bits 28..31 each let a group of 32 cores report. */
  readonly gatesCoreGroups: boolean;
  /** Clock at which a rail at its nominal voltage leaves the usual margin. */
  readonly nominalFreqMHz: number;
  /** Register number to value after reset; others are zero. */
  readonly resetValues: Readonly<Record<number, number>>;
}

const BM1366_RESET: Readonly<Record<number, number>> = {
  0x00: 0x1366_0000,
  0x04: 0x0001_2a89,
  0x08: 0xc054_0165,
  0x18: 0x0000_c100,
  0x20: 0x0000_0003,
  0x24: 0x0010_0000,
  0x28: 0x0130_1a00,
  0x2c: 0x000f_0000,
  0x30: 0x0000_0070,
  0x40: 0x1eaf_5fbe,
  0x58: 0x0001_2111,
  0x5c: 0x0000_ffff,
  0x60: 0x2050_0174,
  0x64: 0x2050_0174,
  0x6c: 0x0001_0200,
  0x9c: 0x00fd_0077,
  0xa4: 0x0000_ffff,
  0xa8: 0x0007_0000,
};

const BM1362: ChipFamily = {
  name: "BM1362",
  cores: 65,
  subCores: 8,
  hashUnits: 514,
  subCoreBits: 3,
  excessSteps: 1,
  hasNonceOffset: false,
  gatesCoreGroups: false,
  nominalFreqMHz: 525,
  // Only 0x00, 0x28 and 0xA8 are published; the rest is taken from BM1366: inferred.
  resetValues: { ...BM1366_RESET, 0x00: 0x1362_0300, 0x30: 0x0000_0041, 0xa8: 0x0000_0000 },
};

const BM1366: ChipFamily = {
  name: "BM1366",
  cores: 112,
  subCores: 8,
  hashUnits: 894,
  subCoreBits: 3,
  excessSteps: 1,
  hasNonceOffset: false,
  gatesCoreGroups: false,
  nominalFreqMHz: 645,
  resetValues: BM1366_RESET,
};

const BM1368: ChipFamily = {
  name: "BM1368",
  cores: 80,
  subCores: 16,
  hashUnits: 1276,
  subCoreBits: 4,
  excessSteps: 2,
  hasNonceOffset: true,
  gatesCoreGroups: false,
  // No published set-point of the S21: inferred.
  nominalFreqMHz: 525,
  resetValues: {
    0x00: 0x1368_0000,
    0x08: 0xc054_0165,
    0x18: 0x0000_c100,
    0x20: 0x0000_0003,
    0x24: 0x0010_0000,
    0x28: 0x0130_1a00,
    0x2c: 0x000f_0000,
    0x30: 0x0000_0070,
    0x58: 0x0211_2111,
    0x5c: 0x0000_ffff,
    0x60: 0x2050_0174,
    0x64: 0xa050_0174,
    0x6c: 0x0001_0200,
    0x9c: 0x00ff_00f7,
    0xa4: 0x0000_ffff,
    0xa8: 0x0007_0000,
    0xb0: 0x8000_0000,
    0xb8: 0x2000_0000,
    0xb9: 0x0000_4480,
    0xba: 0x0000_0010,
  },
};

const BM1370: ChipFamily = {
  name: "BM1370",
  cores: 128,
  subCores: 16,
  hashUnits: 2040,
  subCoreBits: 4,
  excessSteps: 2,
  hasNonceOffset: true,
  gatesCoreGroups: true,
  nominalFreqMHz: 600,
  resetValues: {
    0x00: 0x1370_0000,
    0x08: 0xc054_0165,
    0x18: 0x0000_c100,
    0x20: 0x0000_0007,
    0x24: 0x0010_0000,
    0x28: 0x0130_1a00,
    0x2c: 0x000f_0000,
    0x30: 0x0000_0080,
    0x40: 0x0802_0100,
    0x58: 0x0001_2111,
    0x5c: 0x0000_ffff,
    0x60: 0x2050_0174,
    0x64: 0x2050_0174,
    0x6c: 0x0001_0200,
    0x9c: 0x00ff_0077,
    0xa4: 0x0000_ffff,
    0xa8: 0x0007_0000,
    0xb8: 0x2000_0000,
    0xb9: 0x0000_4480,
    0xba: 0x0000_0010,
    0xc4: 0x0000_b850,
  },
};

const FAMILIES: Readonly<Record<VirtualChipName, ChipFamily>> = { BM1362, BM1366, BM1368, BM1370 };

export function chipFamily(name: VirtualChipName): ChipFamily {
  return FAMILIES[name];
}

/**
 * True for the hash units that every chip of the family lacks. The sheet counts them and places three of BM1362 in
 * its last core; which others are missing is not known: inferred, the last sub-cores of the last cores.
 */
export function isMissingUnit(family: ChipFamily, core: number, subCore: number): boolean {
  const missing = family.cores * family.subCores - family.hashUnits;
  const perCore = Math.min(3, missing);
  const lastCores = family.cores - 1 - core;
  const left = missing - lastCores * perCore;
  return family.subCores - 1 - subCore < Math.min(perCore, Math.max(0, left));
}
