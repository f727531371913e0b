import { deepEqual, equal, ok } from "node:assert/strict";
import {
  FramedController,
  GOOD_CONTROLLER,
} from "../../../../src/virtual/parts/framed-controller.js";
import { Lm75 } from "../../../../src/virtual/parts/lm75.js";
import { bytes, frames, hex } from "./fixtures.js";

const FRAMES = frames("power/hashboard_pic_framed");
/** Captured on an S19 Pro. */
const CELSIUS: Readonly<Record<number, number>> = { 0x48: 23.0625, 0x49: 23.6875 };

/** A controller with its clock; every transfer is one byte. */
class ControllerRig {
  nowMs = 0;
  readonly part: FramedController;
  inputMv = 15_260;

  constructor() {
    const sensors = new Map(
      Object.entries(CELSIUS).map(([address, tempC]) => [
        Number(address),
        new Lm75("tmp75", () => tempC),
      ]),
    );
    const board = {
      find: (address: number) => sensors.get(address),
      inputMv: () => this.inputMv,
    };
    this.part = new FramedController(0x89, board, false);
  }

  /** Sends a frame of the vectors, or one in hex, and reads so many bytes after `waitMs`. */
  ask(frame: string, length = 2, waitMs = 300): string {
    for (const byte of bytes(FRAMES[frame] ?? frame))
      this.part.write(Uint8Array.of(byte), this.nowMs);
    this.nowMs += waitMs;
    return hex(Array.from({ length }, () => this.part.read(1, this.nowMs)?.[0] ?? 0));
  }

  start(): this {
    this.ask("reset_req");
    this.nowMs += 500;
    this.ask("jump_req");
    this.nowMs += 600;
    return this;
  }
}

describe("virtual framed controller", () => {
  it("answers the captured start of an S19 Pro board byte for byte", () => {
    const rig = new ControllerRig();
    equal(rig.ask("reset_req"), FRAMES["reset_resp"]);
    rig.nowMs += 500;
    equal(rig.ask("jump_req"), FRAMES["jump_resp"]);
    rig.nowMs += 600;
    equal(rig.ask("version_req", 5), FRAMES["version_resp"]);
    equal(rig.ask("heartbeat_req", 2, 10), "1601");
    for (const sensor of ["48", "49"]) {
      equal(rig.ask(`sel_${sensor}`, 2, 10), sensor === "48" ? FRAMES["sel_48_resp"] : "3b01");
      equal(rig.ask(`rd_${sensor}`, 7, 10), FRAMES[`rd_${sensor}_resp`]);
    }
    equal(rig.ask("dcdc_on"), FRAMES["dcdc_on_resp"]);
    ok(rig.part.isConverterOn);
  });

  it("knows nothing but its loader before it was started, and while it starts", () => {
    const rig = new ControllerRig();
    equal(rig.ask("version_req", 5), "ffffffffff");
    rig.ask("jump_req");
    equal(rig.ask("version_req", 5, 100), "ffffffffff");
    rig.nowMs += 600;
    equal(rig.ask("version_req", 5), FRAMES["version_resp"]);
  });

  it("is in its loader again after a reset, with the converter open", () => {
    const rig = new ControllerRig().start();
    rig.ask("dcdc_on");
    rig.ask("reset_req");
    deepEqual(rig.part.state(), {
      isInLoader: true,
      isConverterOn: false,
      heartbeatCutOffs: 0,
      flashCommands: 0,
    });
  });

  it("gives the replies of its analog inputs in the lengths that the tool expects", () => {
    const rig = new ControllerRig().start();
    const reply = bytes(rig.ask("an_voltage_req", 9));
    const volts = (((reply[3]! << 8) | reply[4]!) * 3.3 * 7.6) / 4096;
    ok(Math.abs(volts - 15.26) < 0.01);
    for (const [frame, length] of [
      ["an_voltage_req", 9],
      ["an3_req", 11],
      ["an6_req", 7],
    ] as const) {
      equal(rig.ask(frame, length).slice(0, 2), hex([length]));
      const all = rig.ask(frame, length + 1);
      equal(all.slice(-2), "ff", "nothing follows");
    }
    equal(rig.ask("clamp_req"), "3101");
  });

  it("is not ready before its time", () => {
    const rig = new ControllerRig().start();
    equal(rig.ask("version_req", 5, 100), "ffffffffff");
    equal(rig.ask("rd_48", 7, 2), "ffffffffffffff");
  });

  it("says nothing to a frame whose sum is wrong, or comes the other way round", () => {
    const rig = new ControllerRig().start();
    equal(rig.ask("55aa0417001c"), "ffff");
    equal(rig.ask("55aa04171b00"), "ffff");
    equal(rig.ask("version_req", 5), FRAMES["version_resp"]);
  });

  it("says when no sensor is at an address", () => {
    const rig = new ControllerRig().start();
    equal(rig.ask("55aa063b4a00008b", 2, 10), "3b00");
  });

  it("opens the converter when no heartbeat comes, and not while one comes every ten seconds", () => {
    const rig = new ControllerRig().start();
    rig.ask("dcdc_on");
    for (let beat = 0; beat < 6; beat++) {
      rig.nowMs += 10_000;
      rig.part.step(rig.nowMs);
      ok(rig.part.isConverterOn);
      rig.ask("heartbeat_req", 2, 10);
    }
    rig.nowMs += 20_000;
    rig.part.step(rig.nowMs);
    ok(!rig.part.isConverterOn);
    equal(rig.part.state().heartbeatCutOffs, 1);
  });

  it("counts commands to its flash", () => {
    const rig = new ControllerRig();
    rig.ask("55aa04040008");
    equal(rig.part.state().flashCommands, 1);
  });

  it("behaves as its faults say", () => {
    const rig = new ControllerRig();
    rig.part.setTrouble({ ...GOOD_CONTROLLER, staysInLoader: true });
    rig.start();
    equal(rig.ask("jump_req"), FRAMES["jump_resp"]);
    equal(rig.ask("version_req", 5), "ffffffffff");
    rig.part.setTrouble({ ...GOOD_CONTROLLER, version: 0x5a });
    rig.start();
    equal(rig.ask("version_req", 5), "05175a0076");
    rig.part.setTrouble({ ...GOOD_CONTROLLER, isSilent: true });
    equal(rig.part.write(Uint8Array.of(0x55), rig.nowMs), false);
    equal(rig.part.read(1, rig.nowMs), undefined);
  });
});
