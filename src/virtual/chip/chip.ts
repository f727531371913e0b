import type { AnswerBytes } from "../codec/answer.js";
import type { JobFrame } from "../codec/host-frame.js";
import { CoreArray } from "./core-array.js";
import type { ChipFamily } from "./families.js";
import {
  chipBaud,
  CORE_ENABLE_REGISTER,
  coreCommand,
  offsetStart,
  PLL_LOCKED,
  pllFreqMHz,
  REGISTER,
  ticketExtraBits,
  versionCount,
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

const GOOD_CONDITIONS: ChipConditions = {
  voltageShare: 1,
  chipIdWord: undefined,
  canRollVersions: true,
  deadCores: new Set(),
};

const HASHES_PER_COUNT = 2 ** 32;
const DOMAIN_COUNTERS = 4;

/** One ASIC: its register file, its address and where its sweep stands. Knows nothing of wires. */
export class VirtualChip {
  readonly family: ChipFamily;
  readonly #quality: number;
  readonly #registers = new Uint32Array(256);
  readonly #cores: CoreArray;
  #conditions = GOOD_CONDITIONS;
  #silicon: SiliconState = siliconState(1, 0, 1);
  #hashes = 0;
  #address = 0;
  #isAddressed = false;
  #answerBytes: AnswerBytes = 9;
  #baud: number | undefined;
  #freqMHz = 0;
  #ticketExtraBits = 0;
  #versionMask = 0;
  #job: HeldJob | undefined;
  #sweep: Sweep | undefined;

  /** @param quality factor on the voltage that this chip needs */
  constructor(family: ChipFamily, quality: number) {
    this.family = family;
    this.#quality = quality;
    this.#cores = new CoreArray(family);
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
    return this.#baud;
  }

  get freqMHz(): number {
    return this.#freqMHz;
  }

  get ticketExtraBits(): number {
    return this.#ticketExtraBits;
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

  /** Which of header version bits 28:13 the chip rolls; 0 when it does not. */
  get versionMask(): number {
    return this.#versionMask;
  }

  /** Hashes a second, as counted on a real chip. */
  get hashrateHs(): number {
    return this.#sweep === undefined ? 0 : this.#cores.hashingUnits * this.#freqMHz * 1e6;
  }

  /** 1 for each hash unit (core x sub-cores + sub-core) whose finds are reported. */
  get reporting(): Uint8Array {
    return this.#cores.reporting;
  }

  /** The reset line: everything back to its reset value. */
  reset(): void {
    this.#registers.fill(0);
    for (const [register, value] of Object.entries(this.family.resetValues))
      this.#registers[Number(register)] = value;
    this.#cores.reset();
    this.#hashes = 0;
    this.#address = 0;
    this.#isAddressed = false;
    this.#answerBytes = 9;
    this.#job = undefined;
    this.#sweep = undefined;
    this.#refreshSettings();
    this.#refreshSilicon();
    this.#refreshCores();
  }

  setConditions(conditions: ChipConditions, nowMs: number): void {
    this.#conditions = conditions;
    this.#refreshSettings();
    this.#refreshSilicon();
    this.#refreshCores();
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
        return isDomainCounter(register)
          ? Math.floor(this.#hashes / DOMAIN_COUNTERS / HASHES_PER_COUNT) >>> 0
          : this.#get(register);
    }
  }

  writeRegister(register: number, value: number, nowMs: number): void {
    if (register === REGISTER.chipId || register === REGISTER.totalCounter) return;
    if (isDomainCounter(register)) return;
    this.#registers[register] = value;
    switch (register) {
      case REGISTER.coreCommand: {
        const command = coreCommand(value);
        const found = this.#cores.obey(command);
        if (found !== undefined) this.#registers[REGISTER.coreValue] = found;
        if (command.isWrite && command.register === CORE_ENABLE_REGISTER) this.#refreshCores();
        return;
      }
      case REGISTER.miscControl:
        this.#refreshCores();
        return;
      case REGISTER.pll0:
        this.#registers[register] =
          pllFreqMHz(value) > 0 ? value | PLL_LOCKED : value & ~PLL_LOCKED;
        break;
      case REGISTER.versionRolling:
        if (versionRolling(value).isOn) this.#answerBytes = 11;
        break;
      default:
    }
    this.#refreshSettings();
    if (register === REGISTER.pll0) this.#refreshSilicon();
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

  /** What the registers mean, worked out once a write instead of at every look. */
  #refreshSettings(): void {
    const rolling = versionRolling(this.#get(REGISTER.versionRolling));
    this.#versionMask = rolling.isOn && this.#conditions.canRollVersions ? rolling.mask : 0;
    this.#freqMHz = pllFreqMHz(this.#get(REGISTER.pll0));
    this.#baud = chipBaud(this.#get(REGISTER.fastUart));
    this.#ticketExtraBits = ticketExtraBits(this.#get(REGISTER.ticketMask));
  }

  #refreshSilicon(): void {
    const before = this.#silicon;
    const freqShare = this.#freqMHz / this.family.nominalFreqMHz;
    this.#silicon = siliconState(this.#conditions.voltageShare, freqShare, this.#quality);
    if (this.#silicon.deadShare !== before.deadShare) this.#refreshCores();
  }

  #refreshCores(): void {
    this.#cores.refresh({
      reportEnables: this.#get(REGISTER.miscControl) >>> 28,
      deadCores: this.#conditions.deadCores,
      deadShare: this.#silicon.deadShare,
    });
  }

  #refreshSweep(nowMs: number): void {
    const hashCountingNumber = this.#get(REGISTER.hashCountingNumber);
    if (this.#job === undefined || hashCountingNumber === 0 || this.#freqMHz === 0) {
      this.#sweep = undefined;
      return;
    }
    const next = {
      batchMs: batchMs(hashCountingNumber),
      countersPerMs: this.#freqMHz * 1000,
      startCounter: this.#startCounter(),
      epochBatches: Math.max(1, versionCount(this.#versionMask) / this.family.subCores),
    };
    const current = this.#sweep;
    if (current === undefined) {
      this.#sweep = { originMs: nowMs, originBatch: 0, ...next };
    } else if (current.batchMs === next.batchMs) {
      this.#sweep = { ...current, ...next };
    } else {
      // A new batch length takes effect with a new batch: inferred.
      const batchesDone = Math.ceil((nowMs - current.originMs) / current.batchMs);
      this.#sweep = { originMs: nowMs, originBatch: current.originBatch + batchesDone, ...next };
    }
  }

  #startCounter(): number {
    const offset = this.family.hasNonceOffset
      ? offsetStart(this.#get(REGISTER.nonceOffset))
      : undefined;
    return offset ?? this.#address << 17;
  }
}

function isDomainCounter(register: number): boolean {
  return (
    register >= REGISTER.domainCounter0 && register < REGISTER.domainCounter0 + DOMAIN_COUNTERS
  );
}
