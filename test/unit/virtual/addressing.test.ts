import { deepEqual, equal } from "node:assert/strict";
import { CHAIN_INACTIVE, READ_IDS, Rig, ROLL_ALL, command, write } from "./rig.js";

const addresses = (rig: Rig): number[] => rig.readIds().map(({ byte6 }) => byte6);

describe("virtual chain, addressing", () => {
  it("answers once a chip as address 0 before any address is given, in 9 bytes", () => {
    const answers = new Rig({ chips: 5 }).readIds(9);
    deepEqual(
      answers.map(({ word, byte6, byte7 }) => [word, byte6, byte7]),
      Array.from({ length: 5 }, () => [0x1366_0000, 0, 0]),
    );
  });

  it("answers in 11 bytes once version rolling was switched on", () => {
    const rig = new Rig().send(write(0xa4, ROLL_ALL));
    equal(rig.readIds(11).length, 3);
  });

  it("gives each address to the first chip that has none", () => {
    const rig = new Rig().send(write(0xa4, ROLL_ALL), CHAIN_INACTIVE, command(0x40, 0, 0));
    deepEqual(addresses(rig), [0, 0, 0]);
    rig.send(command(0x40, 2, 0), command(0x40, 4, 0), command(0x40, 6, 0));
    const answers = rig.readIds();
    deepEqual(
      answers.map(({ word }) => word),
      [0x1366_0000, 0x1366_0002, 0x1366_0004],
    );
  });

  it("drops all addresses on chain inactive", () => {
    const rig = new Rig().send(write(0xa4, ROLL_ALL), command(0x40, 2, 0), CHAIN_INACTIVE);
    deepEqual(addresses(rig), [0, 0, 0]);
  });

  it("reaches one chip by its address, and all chips by address 0 before addressing", () => {
    const rig = new Rig().send(write(0xa4, ROLL_ALL), write(0x54, 7, 0));
    rig.send(command(0x40, 0, 0), command(0x40, 2, 0), command(0x40, 4, 0), write(0x54, 9, 2));
    const answers = rig
      .send(command(0x52, 0, 0x54))
      .run(100)
      .answers();
    deepEqual(
      answers.map(({ word, byte6, byte7 }) => [word, byte6, byte7]),
      [
        [7, 0, 0x54],
        [9, 2, 0x54],
        [7, 4, 0x54],
      ],
    );
  });

  it("forgets addresses, registers, answer length and baud rate in reset", () => {
    const rig = new Rig().bringUp({ addresses: [0, 2, 4], hashCountingNumber: 100 });
    rig.chain.setReset(true, rig.nowMs);
    rig.send(READ_IDS).run(100);
    equal(rig.received.length, 0);
    rig.chain.setReset(false, rig.nowMs);
    rig.hostBaud = 115_200;
    deepEqual(
      rig.readIds(9).map(({ byte6 }) => byte6),
      [0, 0, 0],
    );
    equal(rig.chain.state().freqMHz, 50);
  });

  it("reads a core register through command and value", () => {
    const rig = new Rig({ chips: 1 }).send(write(0xa4, ROLL_ALL), write(0x3c, 0x8000_8540));
    rig.send(write(0x3c, 0x0011_0500), command(0x42, 0, 0x40)).run(10);
    equal(rig.answers()[0]?.word, 0x40);
  });

  for (const [chip, id] of [
    ["BM1362", 0x1362_0300],
    ["BM1366", 0x1366_0000],
    ["BM1368", 0x1368_0000],
    ["BM1370", 0x1370_0000],
  ] as const) {
    it(`gives the id word of a ${chip}`, () => {
      equal(new Rig({ chip, chips: 1 }).readIds(9)[0]?.word, id);
    });
  }
});
