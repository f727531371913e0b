import { hash32 } from "../random.js";
import { isMissingUnit, type ChipFamily } from "./families.js";
import { CORE_ENABLE_REGISTER, CORE_ENABLED, type CoreCommand } from "./registers.js";

const CORE_REGISTERS = 32;

/** What decides whether the hash units of a chip work and may report. */
export interface CoreGates {
  /** Misc control bits 31:28. */
  readonly reportEnables: number;
  readonly deadCores: ReadonlySet<number>;
  /** Share of the units that too low a voltage stops. */
  readonly deadShare: number;
}

/** The cores of one chip: their registers, and which of their hash units work. */
export class CoreArray {
  readonly #family: ChipFamily;
  readonly #registers: Uint8Array;
  /** 1 for each hash unit (core x sub-cores + sub-core) whose finds are reported. */
  readonly reporting: Uint8Array;
  #hashingUnits = 0;

  constructor(family: ChipFamily) {
    this.#family = family;
    this.#registers = new Uint8Array(family.cores * CORE_REGISTERS);
    this.reporting = new Uint8Array(family.cores * family.subCores);
  }

  /** Units that hash, whether they may report or not. */
  get hashingUnits(): number {
    return this.#hashingUnits;
  }

  reset(): void {
    this.#registers.fill(0);
  }

  /** Does what a write of the core command register asks for; a read gives the value found. */
  obey(command: CoreCommand): number | undefined {
    const first = command.allCores ? 0 : command.core;
    const last = command.allCores ? this.#family.cores - 1 : command.core;
    if (last >= this.#family.cores) return undefined;
    if (!command.isWrite) return this.#registers[first * CORE_REGISTERS + command.register];
    for (let core = first; core <= last; core++)
      this.#registers[core * CORE_REGISTERS + command.register] = command.value;
    return undefined;
  }

  /** Works out anew which units hash, and which of those report. */
  refresh(gates: CoreGates): void {
    const { cores, subCores, gatesCoreGroups } = this.#family;
    this.#hashingUnits = 0;
    for (let core = 0; core < cores; core++) {
      const isEnabled =
        this.#registers[core * CORE_REGISTERS + CORE_ENABLE_REGISTER] === CORE_ENABLED &&
        !gates.deadCores.has(core);
      // Documented for BM1370; that any enable lets all cores of the others report is inferred.
      const mayReport = gatesCoreGroups
        ? ((gates.reportEnables >> (core >> 5)) & 1) === 1
        : gates.reportEnables !== 0;
      for (let subCore = 0; subCore < subCores; subCore++) {
        const unit = core * subCores + subCore;
        const hashes =
          isEnabled &&
          !isMissingUnit(this.#family, core, subCore) &&
          hash32(unit, cores) / 0x1_0000_0000 >= gates.deadShare;
        if (hashes) this.#hashingUnits++;
        this.reporting[unit] = hashes && mayReport ? 1 : 0;
      }
    }
  }
}
