import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import type { ApwIdentity } from "../../../../src/virtual/parts/apw-supply.js";
import {
  calibrationBlock,
  outputMv,
  type ApwCalibration,
} from "../../../../src/virtual/parts/apw-calibration.js";
import { apwType } from "../../../../src/virtual/parts/apw-types.js";
import { airCooled, BodyRig } from "../body/rig.js";
import { bytes, fixture, fixtureLines, frames, hex } from "./fixtures.js";

interface Calibration {
  readonly requests: readonly { readonly hex: string }[];
  readonly synthetic: {
    readonly block_hex: string;
    readonly points: readonly { readonly n: number; readonly volts: number }[];
  };
}

interface Formulas {
  readonly vectors: readonly {
    readonly type: string;
    readonly volts: number;
    readonly exact: number;
    readonly n_truncated: number;
  }[];
}

const V1 = frames("power/psu_v1_frames");
const CALIBRATION = fixture<Calibration>("power/psu_calibration");
/** What the synthetic block of the vectors says. */
const SYNTHETIC: ApwCalibration = {
  firstMv: -35,
  deltasMv: [4, -2, 6, 1, -3, 0, 5],
  serial: bytes("0102030405060708090a0b0c"),
  date: { year: 2021, month: 12, day: 8 },
};
/** Values of the vectors that have an old and a new firmware. */
const TYPES: Readonly<Record<string, readonly [code: number, firmware: number]>> = {
  "0xC1_old": [0xc1, 0x1a03],
  "0xC1_new": [0xc1, 0x1a08],
};

function supply(identity: Partial<ApwIdentity> = {}, hasQuickParts = true): BodyRig {
  const whole = { typeCode: 0x75, firmware: 0x0019, calibration: undefined, ...identity };
  const spec = { kind: "apw", address: 0x10, identity: whole, ratedW: 3600 } as const;
  return new BodyRig(airCooled({ supply: spec }), { hasQuickParts });
}

function request(command: number, ...payload: readonly number[]): string {
  const body = [payload.length + 4, command, ...payload];
  const sum = body.reduce((total, byte) => total + byte, 0);
  return hex([0x55, 0xaa, ...body, sum & 0xff, sum >> 8]);
}

describe("virtual APW supply", () => {
  it("repeats the captured bus of an S19 Pro byte for byte and in its time", async () => {
    const rig = supply({ typeCode: 0x71 }, false);
    const words = fixtureLines("power/s19pro_psu_words.txt").map((line) => {
      const [seconds = "", word = ""] = line.split(" ");
      return { atMs: Number(seconds) * 1000, value: Number(word) };
    });
    const startMs = words[0]!.atMs;
    let replies = 0;
    for (const [index, { atMs, value }] of words.entries()) {
      const isIssued = value < 0x8000_0000;
      if (!isIssued) continue;
      await rig.clock.advance(Math.max(0, atMs - startMs - rig.clock.nowMs()));
      const register = hex([(value >> 8) & 0xff]);
      const isRead = (value & 0x0200_0000) !== 0;
      if (!isRead) await rig.transfer("psu", 0x10, register + hex([value & 0xff]), 0);
      // The engine shows a byte when it is read, or at the latest with the next word.
      else {
        equal(await rig.read("psu", 0x10, register, 1), hex([words[index + 1]!.value & 0xff]));
        replies++;
      }
    }
    equal(replies, 26);
    const lagMs = rig.clock.nowMs() - (words.at(-1)!.atMs - startMs);
    ok(Math.abs(lagMs) < 20, `ends ${String(lagMs)} ms after the capture`);
    equal(rig.body.supply?.setpointCode, 9);
  });

  it("takes 86 ms for a written and 117 ms for a read byte, as captured", async () => {
    const rig = supply({}, false);
    for (const [write, read, ms] of [
      ["1155", 0, 86],
      ["11", 1, 117],
      ["00", 1, 117],
    ] as const) {
      const startMs = rig.clock.nowMs();
      await rig.transfer("psu", 0x10, write, read);
      equal(rig.clock.nowMs() - startMs, ms);
    }
  });

  it("answers the captured requests of an S19k Pro as that unit did", async () => {
    const rig = supply();
    equal(await rig.psu(V1["pdf_get_fw_req"]!, 8), V1["s19k_get_fw_resp"]);
    equal(await rig.psu(V1["enable_state_req"]!, 8), V1["s19k_state_off_resp"]);
    equal(await rig.psu(V1["s19k_measure_req"]!, 8), V1["s19k_measure_off_resp"]);
    equal(await rig.psu(V1["pdf_set_21v0_req"]!, 8), V1["pdf_set_21v0_resp"]);
    equal(await rig.psu(V1["pdf_get_n_req"]!, 8), request(0x03, 0x0d, 0x00));
    for (const name of ["watchdog_on_req", "watchdog_off_req"])
      equal(await rig.psu(V1[name]!, 8), V1[name]);
  });

  it("answers every command of a later type with the length that its tool expects", async () => {
    const rig = supply({ typeCode: 0xc1, firmware: 0x1a08 });
    for (const [name, length] of [
      ["status_req", 14],
      ["enable_state_req", 8],
      ["power_req", 8],
      ["temps_req", 12],
      ["input_status_req", 10],
    ] as const) {
      const reply = await rig.psu(V1[name]!, length);
      equal(reply.slice(0, 6), hex([0x55, 0xaa, length - 2]), name);
    }
    equal((await rig.psu(request(0x8a), 14)).slice(0, 8), "55aa0c8a");
  });

  it("tells its temperatures in the counts of the factory tool's table", async () => {
    const rig = supply({ typeCode: 0xc1, firmware: 0x1a08 });
    rig.body.setAmbientC(60);
    const reply = Buffer.from(await rig.psu(V1["temps_req"]!, 12), "hex");
    // 60 C at the first place, 65 at the others, where the table has 590 and 666.
    deepEqual([reply.readUInt16LE(4), reply.readUInt16LE(6)], [590, 669]);
  });

  it("refuses what older types do not know with F5", async () => {
    const rig = supply();
    for (const name of ["power_req", "temps_req", "input_status_req"])
      equal(await rig.psu(V1[name]!, 8), "f5".repeat(8), name);
    equal((await supply({ typeCode: 0x72 }).psu(V1["s19k_measure_req"]!, 8)).slice(0, 4), "f5f5");
  });

  it("says F5 while a reply is not ready, and before anything was asked", async () => {
    const rig = supply({}, false);
    equal(await rig.read("psu", 0x10, "00", 1), "f5");
    equal(await rig.read("psu", 0x10, "11", 1), "f5");
    equal(await rig.psu(V1["pdf_get_type_req"]!, 1, 0), "f5");
    equal(await rig.psu(V1["pdf_get_type_req"]!, 8, 300), request(0x02, 0x75, 0x00));
  });

  it("gives one byte a transfer, and takes one", async () => {
    const rig = supply();
    await rig.transfer("psu", 0x10, "1155aa04020600", 0);
    equal(await rig.read("psu", 0x10, "11", 8), "f5ffffffffffffff");
    for (const byte of V1["pdf_get_type_req"]!.match(/../g)!)
      await rig.transfer("psu", 0x10, `11${byte}`, 0);
    equal(await rig.read("psu", 0x10, "11", 8), "55ffffffffffffff");
  });

  it("answers a damaged request with F5, and the next good one", async () => {
    const rig = supply();
    equal(await rig.psu("55aa04020700", 8), "f5".repeat(8));
    equal(await rig.psu(`00${V1["pdf_get_type_req"]!}`, 8), request(0x02, 0x75, 0x00));
  });

  it("answers nothing at another address", async () => {
    equal(await supply().read("psu", 0x11, "00", 1), "nack");
  });

  it("means by N what the vectors of every type mean", () => {
    const { vectors } = fixture<Formulas>("power/psu_dac_formulas");
    ok(vectors.length > 10);
    for (const { type, volts, exact } of vectors) {
      const [code, firmware] = TYPES[type] ?? [Number(type), 0x0019];
      const nearV = outputMv(exact, apwType(code, firmware), undefined) / 1000;
      ok(Math.abs(nearV - volts) < 1e-4, `${type}: ${String(nearV)} is not ${String(volts)}`);
    }
  });

  it("makes the calibration block of the vectors, and puts out what its points say", () => {
    const { block_hex, points } = CALIBRATION.synthetic;
    equal(hex(calibrationBlock(SYNTHETIC)), block_hex.toLowerCase());
    for (const { n, volts } of points)
      ok(Math.abs(outputMv(n, apwType(0x71, 0), SYNTHETIC) / 1000 - volts) < 1e-6);
  });

  it("gives its calibration block where its type keeps it, and nowhere else", async () => {
    const [at40, at00] = CALIBRATION.requests.map((each) => each.hex);
    const block = CALIBRATION.synthetic.block_hex.toLowerCase();
    for (const [typeCode, right, wrong] of [
      [0x71, at40!, at00!],
      [0xc1, at00!, at40!],
    ] as const) {
      const rig = supply({ typeCode, calibration: SYNTHETIC });
      const reply = await rig.psu(right, 39);
      equal(reply.slice(0, 8), "55aa2506");
      equal(reply.slice(10, 74), block);
      equal(await rig.psu(wrong, 1), "f5");
    }
  });

  it("never takes a new calibration, but counts the attempts", async () => {
    const rig = supply();
    equal(await rig.psu(request(0x86, 1, 2, 3), 1), "f5");
    equal(rig.body.supply?.calibrationWrites, 1);
  });

  it("keeps its setpoint while it is off, and measures what it puts out", async () => {
    const rig = supply();
    await rig.psu(request(0x83, 143, 0), 8);
    equal(await rig.psu(V1["pdf_get_n_req"]!, 8), request(0x03, 143, 0));
    rig.body.setEnableLine(0);
    await rig.run(3);
    const raw = bytes(await rig.psu(V1["s19k_measure_req"]!, 8));
    const volts = (raw[4]! | (raw[5]! << 8)) * 0.015876;
    ok(Math.abs(volts - rig.truth().supply.railMv / 1000) < 0.016);
    equal(await rig.psu(V1["enable_state_req"]!, 8), request(0x05, 1, 0));
    rig.body.setEnableLine(1);
    await rig.run(60);
    equal(await rig.psu(V1["pdf_get_n_req"]!, 8), request(0x03, 143, 0));
  });

  it("keeps its watchdog off until it is asked, then cuts an output that nobody talks to", async () => {
    const rig = supply().poweredUp();
    ok((await rig.run(120)).supply.isOn);
    await rig.psu(V1["watchdog_on_req"]!, 8);
    for (let round = 0; round < 5; round++) {
      await rig.psu(V1["status_req"]!, 8);
      ok((await rig.run(20)).supply.isOn);
    }
    deepEqual((({ isOn, trip }) => ({ isOn, trip }))((await rig.run(60)).supply), {
      isOn: false,
      trip: "watchdog",
    });
  });

  it("behaves as its faults say", async () => {
    const rig = supply();
    const code = (): unknown => rig.body.supply?.setpointCode;
    const set = (n: number): Promise<string> => rig.psu(request(0x83, n, 0), 8);
    rig.fault("psuRefusesYetApplies");
    equal(await set(100), "f5".repeat(8));
    equal(code(), 100);
    rig.clear().fault("psuAppliesNot");
    equal(await set(50), request(0x83, 50, 0));
    equal(code(), 100);
    rig.clear().fault("psuTypeUnknown", { typeCode: 0x33 });
    equal(await rig.psu(V1["pdf_get_type_req"]!, 8), request(0x02, 0x33, 0));
    rig.clear().fault("psuBusy");
    equal(await rig.psu(V1["pdf_get_type_req"]!, 8), "f5".repeat(8));
    rig.clear().fault("psuSlow", { delayMs: 900 });
    equal(await rig.psu(V1["pdf_get_type_req"]!, 8), "f5".repeat(8));
    notEqual(await rig.psu(V1["pdf_get_type_req"]!, 8, 950), "f5".repeat(8));
    rig.clear().fault("psuSilent");
    equal(await rig.read("psu", 0x10, "00", 1), "nack");
  });
});
