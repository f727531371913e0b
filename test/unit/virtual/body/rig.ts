import { ManualClock } from "../../../../src/lib/clock.js";
import type { BodySpec } from "../../../../src/virtual/body/body-spec.js";
import { bodyTruth, type BodyTruth } from "../../../../src/virtual/body/body-truth.js";
import { BodyFaultSet } from "../../../../src/virtual/body/faults/body-fault-set.js";
import type { BusName } from "../../../../src/virtual/body/faults/body-effects.js";
import { VirtualBody } from "../../../../src/virtual/body/virtual-body.js";
import type { BodyChain } from "../../../../src/virtual/body/virtual-board.js";
import type { EepromRecord } from "../../../../src/virtual/eeprom/eeprom-image.js";
import type { I2cOutcome } from "../../../../src/virtual/i2c/virtual-bus.js";

/** A chain that does what the test says. */
export class FakeChain implements BodyChain {
  readonly chips: number;
  freqShare = 1;
  hashingShare = 1;
  railMv = -1;

  constructor(chips: number) {
    this.chips = chips;
  }

  activity(): { freqShare: number; hashingShare: number } {
    return { freqShare: this.freqShare, hashingShare: this.hashingShare };
  }

  setRail(railMv: number): void {
    this.railMv = railMv;
  }
}

export const RECORD: EepromRecord = {
  serial: "HEADFRAME000001B0",
  boardName: "BHB56902",
  factoryJob: "HEADFRAME VIRTUAL",
  chipDie: "HV",
  chipMarking: "BM1366",
  chipBin: 1,
  ftVersion: "F1V01B1C1",
  chipTechnology: "VM",
  pcbVersion: 0x0100,
  bomVersion: 0x0100,
  voltageMv: 13_200,
  freqMHz: 540,
  nonceRatePct: 99.9,
  tempInC: 38,
  tempOutC: 52,
  testVersion: 0,
  testStandard: 1,
};

/** Three boards of 20 chips on a supply like that of an S19k Pro. */
export function airCooled(changes: Partial<BodySpec> = {}): BodySpec {
  return {
    title: "test machine",
    supply: {
      kind: "apw",
      address: 0x10,
      identity: { typeCode: 0x75, firmware: 0x0019, calibration: undefined },
      ratedW: 3600,
    },
    boards: [0, 1, 2].map((slot) => ({
      sensors: [
        { part: "tmp75", place: "inlet", at: 0, bus: "boards", address: 0x48 + slot },
        { part: "tmp75", place: "outlet", at: 1, bus: "boards", address: 0x4c + slot },
      ],
      eeprom: {
        address: 0x50 + slot,
        format: 5,
        record: { ...RECORD, serial: `HEADFRAME000001B${String(slot)}` },
      },
    })),
    slots: 4,
    ratedW: 2760,
    nominalRailMv: 13_200,
    fans: 4,
    fanFullRpm: 6600,
    ...changes,
  };
}

/** A body with a clock that is moved by hand. */
export class BodyRig {
  readonly clock = new ManualClock();
  readonly chains: readonly FakeChain[];
  readonly body: VirtualBody;
  readonly faults: BodyFaultSet;
  controlBoardResets = 0;

  constructor(spec = airCooled(), { chips = 20, hasQuickParts = true, seed = 1 } = {}) {
    this.chains = spec.boards.map(() => new FakeChain(chips));
    this.body = new VirtualBody({
      ...{ spec, seed, hasQuickParts },
      chains: this.chains,
      clock: this.clock,
      onControlBoardReset: () => this.controlBoardResets++,
    });
    this.faults = new BodyFaultSet(spec.boards.length, spec.slots, this.body.fans.length);
  }

  /** As if it had been running for long. */
  poweredUp(): this {
    this.body.powerUp();
    return this;
  }

  truth(): BodyTruth {
    return bodyTruth(this.body);
  }

  async run(seconds: number): Promise<BodyTruth> {
    await this.clock.advance(seconds * 1000);
    return this.truth();
  }

  fault(name: string, given: Record<string, unknown> = {}, chain?: number): this {
    this.faults.set(name, chain, given);
    this.body.setEffects(this.faults.effects());
    return this;
  }

  clear(name?: string): this {
    this.faults.clear(name, undefined);
    this.body.setEffects(this.faults.effects());
    return this;
  }

  setDuty(duty: number): void {
    for (const output of ["fan-front", "fan-rear"])
      this.body.lines.setPwm(output, 100_000, duty * 100_000);
  }

  /** One transfer; time passes until it is over. */
  async transfer(bus: BusName, address: number, write: string, read: number): Promise<I2cOutcome> {
    let outcome: I2cOutcome | undefined;
    void this.body.buses[bus]
      .transfer({ address, write: Uint8Array.from(Buffer.from(write, "hex")), read })
      .then((result) => (outcome = result));
    while (outcome === undefined) await this.clock.advance(1);
    return outcome;
  }

  /** Hex of what was read, or why nothing was. */
  async read(bus: BusName, address: number, write: string, length: number): Promise<string> {
    const outcome = await this.transfer(bus, address, write, length);
    return outcome.ok ? Buffer.from(outcome.read).toString("hex") : outcome.error;
  }

  /** A command to the supply, byte by byte, and its reply. */
  async psu(request: string, replyLength: number, waitMs = 300): Promise<string> {
    for (const byte of request.match(/../g) ?? []) await this.transfer("psu", 0x10, `11${byte}`, 0);
    await this.clock.advance(waitMs);
    let reply = "";
    while (reply.length < replyLength * 2) reply += await this.read("psu", 0x10, "11", 1);
    return reply;
  }
}
