import { hash32 } from "../random.js";
import type { AnswerBytes } from "../codec/answer.js";
import type { JobFrame } from "../codec/host-frame.js";
import { isMissingUnit, type ChipFamily } from "./families.js";
import {
  chipBaud,
  CORE_ENABLE_REGISTER,
  CORE_ENABLED,
  coreCommand,
  offsetStart,
  PLL_LOCKED,
  pllFreqMHz,
  REGISTER,
  ticketExtraBits,
  versionRolling,
} from "./registers.js";
import { siliconState, type SiliconState } from "./silicon.js";
import { batchMs, type Sweep } from "./sweep.js";

/** A job as the chips of one chain hold it: made once, shared by all that received it. */
export interface HeldJob extends JobFrame {
  /** What the lattice makes of the header. */
  readonly seed: number;
}

/** What happens to a chip from outside its registers. */
export interface ChipConditions {
  /** Voltage over nominal voltage. */
  readonly voltageShare: number;
  readonly chipIdWord: number | undefined;
  readonly canRollVersions: boolean;
  readonly deadCores: ReadonlySet<number>;
}

export const GOOD_CONDITIONS: ChipConditions = {
  voltageShare: 1,
  chipIdWord: undefined,
  canRollVersions: true,
  deadCores: new Set(),
};

const CORE_REGISTERS = 32;
const HASHES_PER_COUNT = 2 ** 32;

/** One ASIC: its register file, its address and where its sweep stands. Knows nothing of wires. */
export class VirtualChip {
  readonly family: ChipFamily;
  readonly quality: number;
  readonly #registers = new Uint32Array(256);
  readonly #coreRegisters: Uint8Array;
  /** 1 for each hash unit (core x sub-cores + sub-core) whose finds are reported. */
  readonly #reporting: Uint8Array;
  #conditions = GOOD_CONDITIONS;
  #silicon: SiliconState = siliconState(1, 0, 1);
  #hashingUnits = 0;
  #hashes = 0;
  #address = 0;
  #isAddressed = false;
  #answerBytes: AnswerBytes = 9;
  #job: HeldJob | undefined;
  #sweep: Sweep | undefined;

  constructor(family: ChipFamily, quality: number) {
    this.family = family;
    this.quality = quality;
    this.#coreRegisters = new Uint8Array(family.cores * CORE_REGISTERS);
    this.#reporting = new Uint8Array(family.cores * family.subCores);
    this.reset();
  }

  /** Zero until an address was given. */
  get address(): number {
    return this.#address;
  }

  get isAddressed(): boolean {
    return this.#isAddressed;
  }

  get answerBytes(): AnswerBytes {
    return this.#answerBytes;
  }

  /** Undefined when the UART clock is one whose rate is not known. */
  get baud(): number | undefined {
    return chipBaud(this.#get(REGISTER.fastUart));
  }

  get freqMHz(): number {
    return pllFreqMHz(this.#get(REGISTER.pll0));
  }

  get ticketExtraBits(): number {
    return ticketExtraBits(this.#get(REGISTER.ticketMask));
  }

  get silicon(): SiliconState {
    return this.#silicon;
  }

  get job(): HeldJob | undefined {
    return this.#job;
  }

  /** Undefined while the chip does not hash. */
  get sweep(): Sweep | undefined {
    return this.#sweep;
  }

  /** Header version bits 28:13 that the chip may roll; 0 when it does not. */
  get versionMask(): number {
    const rolling = versionRolling(this.#get(REGISTER.versionRolling));
    return rolling.isOn && this.#conditions.canRollVersions ? rolling.mask : 0;
  }

  /** Hashes a second, as counted on a real chip. */
  get hashrateHs(): number {
    return this.#sweep === undefined ? 0 : this.#hashingUnits * this.freqMHz * 1e6;
  }

  /** 1 for each hash unit whose finds are reported. */
  get reporting(): Uint8Array {
    return this.#reporting;
  }

  /** The reset line: everything back to its reset value. */
  reset(): void {
    this.#registers.fill(0);
    for (const [register, value] of Object.entries(this.family.resetValues))
      this.#registers[Number(register)] = value;
    this.#coreRegisters.fill(0);
    this.#hashes = 0;
    this.#address = 0;
    this.#isAddressed = false;
    this.#answerBytes = 9;
    this.#job = undefined;
    this.#sweep = undefined;
    this.#refreshSilicon();
    this.#refreshUnits();
  }

  setConditions(conditions: ChipConditions, nowMs: number): void {
    this.#conditions = conditions;
    this.#refreshSilicon();
    this.#refreshUnits();
    if (this.#silicon.isPowered) this.#refreshSweep(nowMs);
    else this.reset();
  }

  takeAddress(address: number): void {
    this.#address = address;
    this.#isAddressed = true;
  }

  dropAddress(): void {
    this.#address = 0;
    this.#isAddressed = false;
  }

  /** Every job starts the version counter and the sweep anew. */
  startJob(job: HeldJob, nowMs: number): void {
    this.#job = job;
    this.#sweep = undefined;
    this.#refreshSweep(nowMs);
  }

  readRegister(register: number): number {
    switch (register) {
      case REGISTER.chipId:
        return ((this.#conditions.chipIdWord ?? this.#get(register)) | this.#address) >>> 0;
      case REGISTER.totalCounter:
        return Math.floor(this.#hashes / HASHES_PER_COUNT) >>> 0;
      default:
        if (register >= REGISTER.domainCounter0 && register < REGISTER.domainCounter0 + 4)
          return Math.floor(this.#hashes / 4 / HASHES_PER_COUNT) >>> 0;
        return this.#get(register);
    }
  }

  writeRegister(register: number, value: number, nowMs: number): void {
    switch (register) {
      case REGISTER.chipId:
      case REGISTER.totalCounter:
        return;
      case REGISTER.pll0:
        this.#registers[register] =
          pllFreqMHz(value) > 0 ? value | PLL_LOCKED : value & ~PLL_LOCKED;
        this.#refreshSilicon();
        break;
      case REGISTER.coreCommand:
        this.#registers[register] = value;
        this.#commandCores(value);
        break;
      case REGISTER.miscControl:
        this.#registers[register] = value;
        this.#refreshUnits();
        break;
      case REGISTER.versionRolling:
        this.#registers[register] = value;
        if (versionRolling(value).isOn) this.#answerBytes = 11;
        break;
      default:
        this.#registers[register] = value;
    }
    this.#refreshSweep(nowMs);
  }

  /** Lets the free-running hash counters grow by what was hashed in `ms`. */
  countHashes(ms: number): void {
    this.#hashes += (this.hashrateHs * ms) / 1000;
  }

  countNonceError(): void {
    this.#registers[REGISTER.nonceError] = this.#get(REGISTER.nonceError) + 1;
  }

  countNonceOverflow(): void {
    this.#registers[REGISTER.nonceOverflow] = this.#get(REGISTER.nonceOverflow) + 1;
  }

  #get(register: number): number {
    return this.#registers[register] ?? 0;
  }

  #commandCores(value: number): void {
    const command = coreCommand(value);
    const first = command.allCores ? 0 : command.core;
    const last = command.allCores ? this.family.cores - 1 : command.core;
    if (last >= this.family.cores) return;
    if (!command.isWrite) {
      this.#registers[REGISTER.coreValue] =
        this.#coreRegisters[first * CORE_REGISTERS + command.register] ?? 0;
      return;
    }
    for (let core = first; core <= last; core++)
      this.#coreRegisters[core * CORE_REGISTERS + command.register] = command.value;
    if (command.register === CORE_ENABLE_REGISTER) this.#refreshUnits();
  }

  #refreshSilicon(): void {
    const before = this.#silicon;
    const freqShare = this.freqMHz / this.family.nominalFreqMHz;
    this.#silicon = siliconState(this.#conditions.voltageShare, freqShare, this.quality);
    if (this.#silicon.deadShare !== before.deadShare) this.#refreshUnits();
  }

  /** Which units hash, and which of those may report. */
  #refreshUnits(): void {
    const { cores, subCores, gatesCoreGroups } = this.family;
    const { deadCores } = this.#conditions;
    const enables = this.#get(REGISTER.miscControl) >>> 28;
    this.#hashingUnits = 0;
    for (let core = 0; core < cores; core++) {
      const isEnabled =
        this.#coreRegisters[core * CORE_REGISTERS + CORE_ENABLE_REGISTER] === CORE_ENABLED &&
        !deadCores.has(core);
      const mayReport = gatesCoreGroups ? ((enables >> (core >> 5)) & 1) === 1 : enables !== 0;
      for (let subCore = 0; subCore < subCores; subCore++) {
        const unit = core * subCores + subCore;
        const hashes =
          isEnabled &&
          !isMissingUnit(this.family, core, subCore) &&
          hash32(unit, cores) / 0x1_0000_0000 >= this.#silicon.deadShare;
        if (hashes) this.#hashingUnits++;
        this.#reporting[unit] = hashes && mayReport ? 1 : 0;
      }
    }
  }

  #refreshSweep(nowMs: number): void {
    const hashCountingNumber = this.#get(REGISTER.hashCountingNumber);
    const freqMHz = this.freqMHz;
    if (this.#job === undefined || hashCountingNumber === 0 || freqMHz === 0) {
      this.#sweep = undefined;
      return;
    }
    const next = {
      batchMs: batchMs(hashCountingNumber),
      countersPerMs: freqMHz * 1000,
      startCounter: this.#startCounter(),
      epochBatches: Math.max(1, 2 ** popCount(this.versionMask) / this.family.subCores),
    };
    const current = this.#sweep;
    if (current === undefined) {
      this.#sweep = { originMs: nowMs, originBatch: 0, ...next };
      return;
    }
    if (current.batchMs === next.batchMs) {
      this.#sweep = { ...current, ...next };
      return;
    }
    // A new batch length takes effect with a new batch: inferred.
    const batchesDone = Math.ceil((nowMs - current.originMs) / current.batchMs);
    this.#sweep = { originMs: nowMs, originBatch: current.originBatch + batchesDone, ...next };
  }

  #startCounter(): number {
    const offset = this.family.hasNonceOffset
      ? offsetStart(this.#get(REGISTER.nonceOffset))
      : undefined;
    return offset ?? this.#address << 17;
  }
}

function popCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
