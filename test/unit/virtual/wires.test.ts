import { deepEqual, equal, ok } from "node:assert/strict";
import { AnswerWire } from "../../../src/virtual/chain/answer-wire.js";
import { HostWire } from "../../../src/virtual/chain/host-wire.js";
import { READ_IDS, RESET_BAUD, Rig, ROLL_ALL, command, write } from "./rig.js";

describe("virtual wires", () => {
  it("carries the host's bytes one after another at their rate", () => {
    const wire = new HostWire();
    wire.push(Uint8Array.of(1, 2, 3), 10_000, 5);
    wire.push(Uint8Array.of(4), 20_000, 5);
    const seen: [number, number][] = [];
    wire.readUntil(
      7.2,
      () => 1,
      (byte, _baud, atMs) => seen.push([byte, atMs]),
    );
    deepEqual(seen, [
      [1, 6],
      [2, 7],
    ]);
    equal(wire.pending, 2);
    wire.readUntil(
      100,
      () => 1,
      (byte, _baud, atMs) => seen.push([byte, atMs]),
    );
    deepEqual(seen.slice(2), [
      [3, 8],
      [4, 8.5],
    ]);
  });

  it("lets the nearest waiting chip speak first, but never interrupts a frame", () => {
    const wire = new AnswerWire(3);
    const heard: number[] = [];
    const listen = (bytes: Uint8Array): void => void heard.push(...bytes);
    wire.enqueue(2, Uint8Array.of(20, 21), 10_000, 0);
    wire.enqueue(1, Uint8Array.of(10), 10_000, 1);
    wire.enqueue(0, Uint8Array.of(1), 10_000, 1.5);
    wire.deliverUntil(1.2, listen);
    deepEqual(heard, [20]);
    wire.deliverUntil(10, listen);
    deepEqual(heard, [20, 21, 1, 10]);
    equal(wire.isBusy, false);
  });

  it("takes as long for 100 answers as their bytes need", () => {
    const rig = new Rig({ chips: 100 }).send(write(0xa4, ROLL_ALL), READ_IDS);
    const neededMs = (100 * 11 * 10_000) / RESET_BAUD;
    rig.run(neededMs - 1);
    ok(rig.received.length < 1100 && rig.received.length > 1080);
    rig.run(1.1);
    equal(rig.received.length, 1100);
  });

  it("counts what the host does not take as overrun", () => {
    const rig = new Rig({ chips: 2 });
    rig.hostTakes = 0;
    rig.send(READ_IDS).run(100);
    equal(rig.received.length, 0);
    equal(rig.chain.state().overrunBytes, 18);
  });

  it("has nothing to do while host and chips are quiet", () => {
    const rig = new Rig();
    equal(rig.chain.idleMs(rig.nowMs), Infinity);
    rig.chain.receive(READ_IDS, rig.hostBaud, rig.nowMs);
    equal(rig.chain.idleMs(rig.nowMs), 1);
  });
});

describe("virtual chain, baud rate", () => {
  it("understands a host that is 0.5 % off", () => {
    equal(new Rig().readIds(9).length, 3);
  });

  for (const hostBaud of [115_740 * 1.04, 115_740 * 0.96, 1_041_667]) {
    it(`hears only noise from a host at ${hostBaud.toFixed(0)}`, () => {
      const rig = new Rig();
      rig.hostBaud = hostBaud;
      equal(rig.readIds(9).length, 0);
      equal(rig.chain.state().noiseBytes, READ_IDS.length);
    });
  }

  it("follows the fast UART register, and garbles answers for a host that did not", () => {
    const rig = new Rig().send(write(0xa4, ROLL_ALL), write(0x28, 0x1130_0200));
    equal(Math.round(rig.chain.state().baud ?? 0), 1_041_667);
    rig.hostBaud = 1_041_667;
    const clear = rig.readIds();
    equal(clear.length, 3);
    rig.chain.receive(READ_IDS, rig.hostBaud, rig.nowMs);
    rig.run(0.07);
    rig.hostBaud = 115_200;
    const garbled = rig.run(10).answers();
    ok(garbled.every(({ frame }, at) => !Buffer.from(frame).equals(clear[at]?.frame ?? frame)));
    equal(rig.chain.state().noiseBytes, 33);
  });

  it("loses a chip that alone changed its rate", () => {
    const rig = new Rig().send(write(0xa4, ROLL_ALL));
    rig.send(command(0x40, 0, 0), command(0x40, 2, 0), command(0x40, 4, 0));
    rig.send(write(0x28, 0x1130_0000, 2));
    deepEqual(
      rig.readIds().map(({ byte6 }) => byte6),
      [0, 4],
    );
    equal(rig.chain.state().baud, null);
  });
});
