import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { loadSupplies } from "../../../../src/boards/load-supplies.js";
import type { PowerSupplySpec } from "../../../../src/boards/machine-spec.js";
import type { PowerSupply } from "../../../../src/drivers/power-supply.js";
import { probePowerSupply } from "../../../../src/drivers/psu/probe-power-supply.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { isMinerError, type ErrorCode } from "../../../../src/lib/errors.js";
import { createLogger } from "../../../../src/lib/logger.js";
import { inTime, ScriptedSupply, type ScriptedSupplyOptions } from "./scripted-supply.js";

const log = createLogger("silent");
const KNOWN = loadSupplies();
const TYPE = 0x02;
const FIRMWARE = 0x01;

function named(...names: readonly string[]): PowerSupplySpec[] {
  return KNOWN.filter(({ name }) => names.includes(name));
}

interface Rig {
  readonly clock: ManualClock;
  readonly bus: ScriptedSupply;
}

function rig(options: Omit<ScriptedSupplyOptions, "clock">): Rig {
  const clock = new ManualClock();
  return { clock, bus: new ScriptedSupply({ clock, ...options }) };
}

function probe({ clock, bus }: Rig, supplies: readonly PowerSupplySpec[]): Promise<PowerSupply> {
  return inTime(clock, probePowerSupply({ bus, clock, log, supplies, known: KNOWN }));
}

const hasCode =
  (code: ErrorCode, facts: Readonly<Record<string, unknown>> = {}) =>
  (error: unknown): boolean => {
    ok(isMinerError(error, code), String(error));
    for (const [name, value] of Object.entries(facts)) equal(error.context[name], value);
    return true;
  };

describe("probe for a power supply", () => {
  it("finds a type of frame version 1", async () => {
    const fitted = rig({ replies: { [TYPE]: [0x75, 0] } });
    const { identity, rangeMv } = await probe(fitted, named("apw12"));
    deepEqual(identity, {
      supply: "apw12",
      typeCode: 0x75,
      firmware: null,
      serial: null,
      calibration: "formula",
      calibrationDate: null,
    });
    deepEqual(rangeMv, { min: 12_000, max: 15_000 });
  });

  it("asks in frames of version 2 when version 1 is not answered", async () => {
    const fitted = rig({ version: 2, replies: { [TYPE]: [0x62, 0] } });
    const supply = await probe(fitted, named("apw11-v1", "apw11-v2"));
    equal(supply.identity.supply, "apw11-v2");
    equal(supply.identity.typeCode, 0x62);
  });

  it("takes the formula of the firmware that the supply tells", async () => {
    const newer = rig({ replies: { [TYPE]: [0xc1, 0], [FIRMWARE]: [0x08, 0x1a] } });
    const older = rig({ replies: { [TYPE]: [0xc1, 0], [FIRMWARE]: [0x03, 0x1a] } });
    for (const [fitted, code, firmware] of [
      [newer, 21, 0x1a08],
      [older, 0, 0x1a03],
    ] as const) {
      const supply = await probe(fitted, named("apw17"));
      equal(supply.identity.firmware, firmware);
      await inTime(fitted.clock, supply.requestVoltage(15_000));
      deepEqual(fitted.bus.setpoint, [code, 0]);
    }
  });

  it("takes no formula when the answer about the firmware is damaged", async () => {
    const fitted = rig({ replies: { [TYPE]: [0xc1, 0], [FIRMWARE]: [0x08, 0x1a] } });
    fitted.bus.mishaps = ["none", ...Array.from({ length: 20 }, () => "swapSum" as const)];
    await rejects(
      probe(fitted, named("apw17")),
      hasCode("PSU_NO_ANSWER", { reason: "checksumSwapped" }),
    );
  });

  it("takes the oldest formula of a supply that refuses to tell its firmware", async () => {
    const fitted = rig({ replies: { [TYPE]: [0xc1, 0] } });
    const supply = await probe(fitted, named("apw17"));
    equal(supply.identity.firmware, null);
    await inTime(fitted.clock, supply.requestVoltage(13_600));
    deepEqual(fitted.bus.setpoint, [119, 0]);
  });

  it("talks to register 0x00 when a supply of the S21's generation is silent at 0x11", async () => {
    const fitted = rig({ register: 0x00, replies: { [TYPE]: [0xc1, 0], [FIRMWARE]: [8, 0x1a] } });
    const supply = await probe(fitted, named("apw17"));
    equal(supply.identity.typeCode, 0xc1);
    equal((await inTime(fitted.clock, supply.requestVoltage(15_000))).isEchoed, true);
  });

  it("does not write to register 0x00 of older supplies", async () => {
    const fitted = rig({ register: 0x00, replies: { [TYPE]: [0x71, 0] } });
    await rejects(
      probe(fitted, named("apw12")),
      hasCode("PSU_NO_ANSWER", { address: "0x10", command: "0x02", reason: "refused" }),
    );
    ok(fitted.bus.transfers.every(({ is, register }) => is === "read" || register === 0x11));
  });

  it("refuses a type that nothing describes, by its code", async () => {
    const fitted = rig({ replies: { [TYPE]: [0x99, 0] } });
    await rejects(probe(fitted, named("apw12")), hasCode("PSU_TYPE_UNKNOWN", { type: "0x99" }));
    equal(
      fitted.bus.done.some(({ command }) => command >= 0x80),
      false,
    );
  });

  it("names a supply that the machine does not come with", async () => {
    const fitted = rig({ replies: { [TYPE]: [0x41, 0] } });
    await rejects(
      probe(fitted, named("apw12")),
      hasCode("PSU_TYPE_UNEXPECTED", { type: "0x41", supply: "apw9", expected: "apw12" }),
    );
  });

  it("tells that nobody is there", async () => {
    const fitted = rig({});
    fitted.bus.isPresent = false;
    await rejects(
      probe(fitted, named("apw12")),
      hasCode("PSU_NO_ANSWER", { address: "0x10", reason: "idle" }),
    );
  });

  it("writes nothing to a bus that nobody drives", async () => {
    const fitted = rig({ protocolByte: 0xff });
    await rejects(probe(fitted, named("apw12", "apw8")), hasCode("PSU_NO_ANSWER"));
    ok(fitted.bus.transfers.every(({ is }) => is === "read"));
  });

  it("asks for the type when register 0x00 holds something else and the machine has no simple supply", async () => {
    const fitted = rig({ protocolByte: 0x71, replies: { [TYPE]: [0x71, 0] } });
    equal((await probe(fitted, named("apw12"))).identity.typeCode, 0x71);
  });

  it("tells a machine without a supply bus", async () => {
    const clock = new ManualClock();
    const supplies = named("apw12");
    await rejects(
      probePowerSupply({ bus: undefined, clock, log, supplies, known: KNOWN }),
      hasCode("PSU_NO_ANSWER", { reason: "no supply bus" }),
    );
  });

  it("stops when it is told to", async () => {
    const fitted = rig({ replies: { [TYPE]: [0x71, 0] } });
    const stop = new AbortController();
    const { clock, bus } = fitted;
    const work = probePowerSupply({
      ...{ bus, clock, log, supplies: named("apw12"), known: KNOWN, signal: stop.signal },
    });
    const ended = rejects(work, /enough/);
    await clock.advance(600);
    stop.abort(new Error("enough"));
    await clock.advance(200);
    await ended;
  });

  it("opens a supply that heeds the signal of the probe no longer", async () => {
    const fitted = rig({ replies: { [TYPE]: [0x71, 0] } });
    const stop = new AbortController();
    const { clock, bus } = fitted;
    const options = { bus, clock, log, supplies: named("apw12"), known: KNOWN };
    const supply = await inTime(clock, probePowerSupply({ ...options, signal: stop.signal }));
    stop.abort();
    equal((await inTime(clock, supply.requestVoltage(13_000))).isEchoed, true);
  });
});

describe("supply without frames", () => {
  const [apw8] = named("apw8");
  const formula = { a: 765.411764, b: 35.833333 };
  const described: PowerSupplySpec = {
    ...apw8!,
    rangeMv: { min: 15_000, max: 21_000, evidence: "inferred", source: "test" },
    types: [{ code: 0, dac: formula, evidence: "inferred", source: "test" }],
  };

  it("is set by one byte in register 0x02, after a pause, and tells nothing", async () => {
    const fitted = rig({ protocolByte: 0x00 });
    const supply = await probe(fitted, [described]);
    const reads = fitted.bus.transfers.length;
    const request = await inTime(fitted.clock, supply.requestVoltage(21_000));
    deepEqual(fitted.bus.transfers.slice(reads), [{ is: "write", register: 0x02, data: 12 }]);
    equal(request.isEchoed, false);
    equal(supply.readSetpointMv, undefined);
    await rejects(supply.requestVoltage(21_001), hasCode("PSU_VOLTAGE_OUT_OF_RANGE"));
  });

  it("is only believed when each read of register 0x00 says so", async () => {
    const fitted = rig({ replies: { [TYPE]: [0x71, 0] } });
    const stale = [0x71, 0x00];
    const { bus } = fitted;
    const readRegister = bus.readRegister.bind(bus);
    bus.readRegister = (address, register) =>
      register === 0x00 && stale.length > 0
        ? Promise.resolve(Uint8Array.of(stale.shift()!))
        : readRegister(address, register);
    equal((await probe(fitted, [described, ...named("apw12")])).identity.supply, "apw12");
    ok(bus.transfers.every(({ is, register }) => is === "read" || register === 0x11));
  });

  it("is refused while the hardware data has no formula", async () => {
    const fitted = rig({ protocolByte: 0x00 });
    await rejects(probe(fitted, named("apw8")), hasCode("PSU_TYPE_UNKNOWN", { supply: "apw8" }));
    ok(fitted.bus.transfers.every(({ is }) => is === "read"));
  });
});

describe("supply without a data line", () => {
  it("only takes the voltage that it has", async () => {
    const clock = new ManualClock();
    const supplies = named("apw3");
    const supply = await probePowerSupply({ bus: undefined, clock, log, supplies, known: KNOWN });
    deepEqual(await supply.requestVoltage(12_000), { railMv: 12_000, isEchoed: true });
    await rejects(supply.requestVoltage(12_100), hasCode("PSU_VOLTAGE_OUT_OF_RANGE"));
    equal(supply.identity.calibration, "none");
    equal(supply.setOutput, undefined);
  });
});
