import { HostFrameParser, type HostFrame } from "../codec/host-frame.js";
import { VirtualChip, type HeldJob } from "../chip/chip.js";
import { chipFamily, type ChipFamily, type VirtualChipName } from "../chip/families.js";
import { EvenLattice, type Lattice } from "../chip/lattice.js";
import { NonceFinder, type NonceSearch } from "../chip/nonce-finder.js";
import { qualityFactor } from "../chip/silicon.js";
import { NO_EFFECTS, type ChainEffects } from "../chain-effects.js";
import { hash32, SeededRandom } from "../random.js";
import { AnswerPort } from "./answer-port.js";
import { HostWire } from "./host-wire.js";
import type { VirtualChainState } from "./chain-state.js";
import { baudsAgree, damaged, garbled } from "./noise.js";

/** One hashboard. */
export interface VirtualChainSpec {
  readonly chip: VirtualChipName;
  readonly chips: number;
  readonly domains: number;
  /** Voltage of the rail; the nominal one when left out. */
  readonly railMv?: number;
  /** Voltage that the rail has at the nominal clock. */
  readonly nominalRailMv?: number;
  /** Hash clock that goes with the nominal voltage; the usual one of the family when left out. */
  readonly nominalFreqMHz?: number;
}

export interface VirtualChainOptions {
  readonly spec: VirtualChainSpec;
  readonly index: number;
  readonly networkShift: number;
  readonly seed: number;
  readonly search: NonceSearch;
  /** Takes bytes for the host; returns how many it took. */
  readonly transmit: (bytes: Uint8Array) => number;
  /** The rate at which the host listens; undefined on a wire that has none. */
  readonly hostListensBaud: () => number | undefined;
  /** Which hashes are really computed; an even lattice when left out. */
  readonly lattice?: Lattice;
}

/** What decides how much power a chip takes. */
export interface ChipActivity {
  /** Hash clock over nominal hash clock; 0 while the clock stands. */
  readonly freqShare: number;
  /** Share of the hash units that work; 0 without a job. */
  readonly hashingShare: number;
}

const AT_REST: ChipActivity = { freqShare: 0, hashingShare: 0 };

/** Rate after reset. Documented: fact sheet section 2. */
const RESET_BAUD = 25e6 / (8 * 27);
/** Nominal voltage where the machine does not name one. The model only looks at the ratio. */
const DEFAULT_RAIL_MV = 13_800;
/** Longest stretch that is hashed in one go; reports come late by as much. */
const HASH_STRETCH_MS = 5;
/** A process that was held up longer does not make up for all of it. */
const CATCH_UP_MS = 1000;

/**
 * A chain of chips behind a pair of wires, as a function of time: bytes go in with their moment, `advance` runs
 * everything up to a moment and gives out the bytes that have crossed the wire by then.
 */
export class VirtualChain {
  readonly spec: VirtualChainSpec;
  readonly #family: ChipFamily;
  readonly #chips: readonly VirtualChip[];
  readonly #lattice: Lattice;
  readonly #finder: NonceFinder;
  readonly #random: SeededRandom;
  readonly #parser = new HostFrameParser();
  readonly #hostWire = new HostWire();
  readonly #answers: AnswerPort;
  #effects = NO_EFFECTS;
  #railMv: number;
  #isInReset = false;
  #hashedToMs = 0;
  #jobs = 0;
  #framesFromHost = 0;
  #noiseBytes = 0;

  constructor(options: VirtualChainOptions) {
    this.spec = options.spec;
    const family = chipFamily(options.spec.chip);
    const { nominalFreqMHz = family.nominalFreqMHz } = options.spec;
    this.#family = { ...family, nominalFreqMHz };
    this.#chips = Array.from(
      { length: options.spec.chips },
      (_, chip) => new VirtualChip(this.#family, qualityFactor(options.seed, options.index, chip)),
    );
    this.#lattice = options.lattice ?? new EvenLattice(this.#family, options.networkShift);
    this.#finder = new NonceFinder(this.#lattice, options.search, options.networkShift);
    this.#random = new SeededRandom(hash32(options.seed, 0x1000 + options.index));
    this.#answers = new AnswerPort({
      chips: this.#chips,
      random: this.#random,
      effects: () => this.#effects,
      transmit: options.transmit,
      hostListensBaud: options.hostListensBaud,
    });
    this.#railMv = options.spec.railMv ?? this.#nominalRailMv;
    this.#applyConditions(0);
  }

  /** Bytes from the host that have not crossed the wire yet. */
  get pendingFromHost(): number {
    return this.#hostWire.pending;
  }

  /** Takes bytes that the host sent at `hostBaud`; undefined on a wire without a rate. */
  receive(bytes: Uint8Array, hostBaud: number | undefined, atMs: number): void {
    this.#hostWire.push(bytes, hostBaud, atMs);
  }

  /** Runs everything up to `nowMs`. */
  advance(nowMs: number): void {
    this.#hostWire.readUntil(
      nowMs,
      () => this.#firstBaud ?? RESET_BAUD,
      (byte, baud, atMs) => {
        this.#takeByte(byte, baud, atMs);
      },
    );
    if (nowMs - this.#hashedToMs >= HASH_STRETCH_MS) this.#hashTo(nowMs);
    this.#answers.deliverUntil(nowMs);
  }

  /** Milliseconds until `advance` has something to do; Infinity while everything is quiet. */
  idleMs(nowMs: number): number {
    if (this.#hostWire.pending > 0 || this.#answers.isBusy) return 1;
    if (this.#chips.some((chip) => chip.sweep !== undefined))
      return Math.max(1, this.#hashedToMs + HASH_STRETCH_MS - nowMs);
    return Infinity;
  }

  /** Pulls (true) or releases (false) the reset line. */
  setReset(asserted: boolean, atMs: number): void {
    this.advance(atMs);
    this.#isInReset = asserted;
    this.#answers.clear();
    this.#parser.reset();
    for (const chip of this.#chips) chip.reset();
  }

  /** What a chip does at the moment, for its power. A chip in reset has no clock. */
  activity(chip: number): ChipActivity {
    const found = this.#chips[chip];
    if (found === undefined || this.#isInReset || !found.silicon.isPowered) return AT_REST;
    return {
      freqShare: found.freqMHz / this.#family.nominalFreqMHz,
      hashingShare: found.sweep === undefined ? 0 : 1 - found.silicon.deadShare,
    };
  }

  setRail(railMv: number, atMs: number): void {
    this.#hashTo(atMs);
    this.#railMv = railMv;
    this.#applyConditions(atMs);
  }

  setEffects(effects: ChainEffects, atMs: number): void {
    this.#hashTo(atMs);
    const presentChips = Math.max(0, this.#chips.length - effects.missingChips);
    const firstShorted = Math.min(...effects.shortedDomains) * this.#chipsPerDomain;
    const cutOffFrom = Math.min(effects.cutOffFrom, presentChips, firstShorted);
    this.#effects = { ...effects, cutOffFrom };
    this.#applyConditions(atMs);
  }

  state(): VirtualChainState {
    const chips = this.#chips;
    const bauds = new Set(chips.map((chip) => chip.baud));
    return {
      chip: this.#family.name,
      chips: chips.length,
      addressedChips: chips.filter((chip) => chip.isAddressed).length,
      isInReset: this.#isInReset,
      railMv: this.#railMv,
      freqMHz: chips.reduce((sum, chip) => sum + chip.freqMHz, 0) / chips.length,
      baud: bauds.size === 1 ? (this.#firstBaud ?? null) : null,
      hashrateThs: chips.reduce((sum, chip) => sum + chip.hashrateHs, 0) / 1e12,
      crcErrors: this.#parser.crcErrors,
      garbageBytes: this.#parser.garbageBytes,
      hashedHeaders: this.#finder.hashed,
      jobs: this.#jobs,
      framesFromHost: this.#framesFromHost,
      nonces: this.#answers.nonces,
      wrongNonces: this.#answers.wrongNonces,
      lostNonces: this.#answers.lostNonces,
      noiseBytes: this.#noiseBytes + this.#answers.noiseBytes,
      overrunBytes: this.#answers.overrunBytes,
    };
  }

  get #firstBaud(): number | undefined {
    return this.#chips[0]?.baud;
  }

  get #nominalRailMv(): number {
    return this.spec.nominalRailMv ?? DEFAULT_RAIL_MV;
  }

  get #chipsPerDomain(): number {
    return Math.ceil(this.#chips.length / this.spec.domains);
  }

  #domainOf(chip: number): number {
    return Math.floor(chip / this.#chipsPerDomain);
  }

  #takeByte(byte: number, hostBaud: number | undefined, atMs: number): void {
    if (this.#isInReset) return;
    const isClear = baudsAgree(hostBaud, this.#firstBaud);
    if (!isClear) this.#noiseBytes++;
    const arriving = Uint8Array.of(isClear ? byte : garbled(this.#random));
    for (const heard of damaged(arriving, this.#effects.toChips, this.#random)) {
      const frame = this.#parser.push(heard);
      if (frame === undefined) continue;
      this.#framesFromHost++;
      this.#answers.deliverUntil(atMs);
      this.#obey(frame, hostBaud, atMs);
    }
  }

  #obey(frame: HostFrame, hostBaud: number | undefined, atMs: number): void {
    if (frame.kind !== "readRegister") this.#hashTo(atMs);
    switch (frame.kind) {
      case "setAddress":
        for (const [, chip] of this.#listening(hostBaud)) {
          if (chip.isAddressed) continue;
          chip.takeAddress(frame.address);
          return;
        }
        return;
      case "chainInactive":
        for (const [, chip] of this.#listening(hostBaud)) chip.dropAddress();
        return;
      case "job": {
        const job: HeldJob = { ...frame.job, seed: this.#lattice.seedOf(frame.job.header) };
        this.#jobs++;
        for (const [, chip] of this.#listening(hostBaud)) chip.startJob(job, atMs);
        return;
      }
      case "writeRegister":
        for (const [, chip] of this.#listening(hostBaud)) {
          if (frame.broadcast || chip.address === frame.address)
            chip.writeRegister(frame.register, frame.value, atMs);
        }
        return;
      case "readRegister":
        for (const [chipIndex, chip] of this.#listening(hostBaud)) {
          if (frame.broadcast || chip.address === frame.address)
            this.#answers.answerRegister(chipIndex, frame.register, atMs);
        }
    }
  }

  /** The chips that a frame of the host reaches, nearest first. */
  *#listening(hostBaud: number | undefined): Generator<readonly [number, VirtualChip]> {
    const { deadChips, cutOffFrom } = this.#effects;
    for (const [chipIndex, chip] of this.#chips.entries()) {
      if (chipIndex >= cutOffFrom) return;
      const hears = chip.silicon.isPowered && baudsAgree(hostBaud, chip.baud);
      if (hears && !deadChips.has(chipIndex)) yield [chipIndex, chip];
    }
  }

  #hashTo(nowMs: number): void {
    const fromMs = Math.max(this.#hashedToMs, nowMs - CATCH_UP_MS);
    this.#hashedToMs = Math.max(this.#hashedToMs, nowMs);
    for (let atMs = fromMs; atMs < nowMs;) {
      const toMs = Math.min(nowMs, atMs + HASH_STRETCH_MS);
      for (const nonce of this.#finder.find(this.#chips, atMs, toMs))
        this.#answers.reportNonce(nonce);
      atMs = toMs;
    }
    for (const chip of this.#chips) chip.countHashes(Math.max(0, nowMs - fromMs));
  }

  #applyConditions(atMs: number): void {
    const { chipIdWords, allChipsIdWord, deadCores, fixedVersionChips } = this.#effects;
    const { shortedDomains, isDomainOpen } = this.#effects;
    const voltageShare = isDomainOpen ? 0 : this.#railMv / this.#nominalRailMv;
    for (const [chipIndex, chip] of this.#chips.entries()) {
      chip.setConditions(
        {
          voltageShare: shortedDomains.has(this.#domainOf(chipIndex)) ? 0 : voltageShare,
          chipIdWord: chipIdWords.get(chipIndex) ?? allChipsIdWord,
          canRollVersions: fixedVersionChips !== "all" && !fixedVersionChips.has(chipIndex),
          deadCores: deadCores.get(chipIndex) ?? new Set(),
        },
        atMs,
      );
    }
  }
}
