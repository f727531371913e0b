import { deepEqual, equal, notDeepEqual, ok, throws } from "node:assert/strict";
import { isMinerError } from "../../../src/lib/errors.js";
import { checkParameters } from "../../../src/virtual/fault-parameters.js";
import { addUp, describeFaults, findFault, FAULTS } from "../../../src/virtual/faults.js";
import { command, jobFrame, Rig, ROLL_ALL, write } from "./rig.js";

const HCN = 0x115a;

/** Five chips at addresses 0, 2, .. with the given fault. */
function faulty(name: string, parameters: Record<string, unknown> = {}): Rig {
  const rig = new Rig({ chips: 5 });
  rig.bringUp({ addresses: [0, 2, 4, 6, 8], hashCountingNumber: HCN });
  rig.chain.setEffects(
    addUp([{ name, parameters: checkParameters(findFault(name), parameters) }]),
    rig.nowMs,
  );
  return rig;
}

const idAddresses = (rig: Rig): number[] => rig.readIds().map(({ byte6 }) => byte6);

/** Addresses whose chips report nonces of a job. */
function hashingAddresses(rig: Rig): number[] {
  const answers = rig.send(jobFrame(0)).run(200).answers();
  return [...new Set(answers.map(({ word }) => (word >>> 17) & 0xfe))].sort((a, b) => a - b);
}

describe("virtual faults", () => {
  it("describes every fault with its parameters", () => {
    for (const fault of describeFaults() as { name: string; meaning: string }[])
      ok(fault.name in FAULTS && fault.meaning.endsWith("."));
  });

  it("refuses unknown faults and wrong parameters by code", () => {
    throws(
      () => findFault("toString"),
      (error) => isMinerError(error, "VIRTUAL_FAULT_UNKNOWN"),
    );
    for (const [name, parameters] of [
      ["chipDead", {}],
      ["chipDead", { chip: "3" }],
      ["byteLoss", { share: 2 }],
      ["byteLoss", { direction: "up" }],
      ["chainHung", { chip: 3 }],
    ] as const)
      throws(
        () => checkParameters(findFault(name), parameters),
        (error) => isMinerError(error, "VIRTUAL_REQUEST_INVALID"),
      );
  });

  it("chipDead: one chip is missing, those behind it are there", () => {
    const rig = faulty("chipDead", { chip: 2 });
    deepEqual(idAddresses(rig), [0, 2, 6, 8]);
    deepEqual(hashingAddresses(rig), [0, 2, 6, 8]);
  });

  it("chipDead: addresses go to the chips that are left", () => {
    const rig = faulty("chipDead", { chip: 2 });
    rig.send(command(0x53, 0, 0), ...[0, 2, 4, 6].map((address) => command(0x40, address, 0)));
    deepEqual(idAddresses(rig), [0, 2, 4, 6]);
  });

  it("chipHung: one chip answers registers and no nonces", () => {
    const rig = faulty("chipHung", { chip: 1 });
    deepEqual(idAddresses(rig), [0, 2, 4, 6, 8]);
    deepEqual(hashingAddresses(rig), [0, 4, 6, 8]);
  });

  it("coreDead: one core of one chip finds nothing", () => {
    const rig = faulty("coreDead", { chip: 0, core: 5 });
    const found = rig.send(jobFrame(0)).run(1500).answers();
    const cores = found
      .filter(({ word }) => ((word >>> 17) & 0xfe) === 0)
      .map(({ word }) => word >>> 25);
    ok(cores.length > 100 && !cores.includes(5));
  });

  it("chainOpen: nothing beyond the chip, neither register nor nonce", () => {
    const rig = faulty("chainOpen", { chip: 1 });
    deepEqual(idAddresses(rig), [0, 2]);
    deepEqual(hashingAddresses(rig), [0, 2]);
  });

  it("stuckBusy: the chips beyond listen but do not speak", () => {
    const rig = faulty("stuckBusy", { chip: 1 });
    rig.send(write(0x54, 7));
    deepEqual(idAddresses(rig), [0, 2]);
    rig.chain.setEffects(addUp([]), rig.nowMs);
    const answers = rig
      .send(command(0x42, 8, 0x54))
      .run(10)
      .answers();
    equal(answers[0]?.word, 7);
  });

  it("chainHung: silence", () => {
    const rig = faulty("chainHung");
    deepEqual(idAddresses(rig), []);
    deepEqual(hashingAddresses(rig), []);
  });

  it("chipMissing: the last chips are not there", () => {
    deepEqual(idAddresses(faulty("chipMissing")), [0, 2, 4, 6]);
    deepEqual(hashingAddresses(faulty("chipMissing", { count: 3 })), [0, 2]);
  });

  it("wrongChipId: all chips give another id where none is named", () => {
    const words = faulty("wrongChipId")
      .readIds()
      .map(({ word }) => word >>> 16);
    deepEqual(words, [0x1397, 0x1397, 0x1397, 0x1397, 0x1397]);
  });

  it("wrongChipId: one chip gives another id with its own address", () => {
    const words = faulty("wrongChipId", { chip: 1 })
      .readIds()
      .map(({ word }) => word);
    deepEqual(words.slice(0, 3), [0x1366_0000, 0x1397_1802, 0x1366_0004]);
  });

  it("noVersionRolling: only version 0, the same nonces in every batch", () => {
    const rig = faulty("noVersionRolling");
    for (let seed = 0; seed < 200; seed++) rig.send(jobFrame(0, seed)).run(20);
    const answers = rig.answers();
    ok(answers.every(({ versionField, frame }) => versionField === 0 && frame.length === 11));
    ok(answers.length > 10 * new Set(answers.map(({ word }) => word)).size);
    ok(answers.length > 50);
  });

  it("lateAnswers: everything comes, later", () => {
    const rig = faulty("lateAnswers", { delayMs: 300 });
    rig.send(command(0x52, 0, 0)).run(299);
    equal(rig.received.length, 0);
    equal(rig.run(3).answers().length, 5);
  });

  it("crcNoise: each hit answer differs in one bit", () => {
    const clean = new Rig({ chips: 5 }).bringUp({
      addresses: [0, 2, 4, 6, 8],
      hashCountingNumber: HCN,
    });
    const frames = faulty("crcNoise", { share: 1 })
      .readIds()
      .map(({ frame }) => frame);
    for (const [at, { frame }] of clean.readIds().entries()) {
      const flipped = frame.map((byte, index) => byte ^ (frames[at]?.[index] ?? 0));
      equal(
        flipped.reduce((bits, byte) => bits + byte.toString(2).replace(/0/g, "").length, 0),
        1,
      );
    }
  });

  it("byteLoss and extraBytes: the stream gets shorter or longer", () => {
    for (const [name, isShorter] of [
      ["byteLoss", true],
      ["extraBytes", false],
    ] as const) {
      const rig = faulty(name, { share: 0.2 });
      rig.send(command(0x52, 0, 0)).run(10);
      equal(rig.received.length < 55, isShorter);
      notDeepEqual(rig.received.length, 55);
    }
  });

  it("byteDamage: hits the direction that is named", () => {
    const toHost = faulty("byteDamage", { share: 1 });
    equal(toHost.send(command(0x52, 0, 0)).run(10).received.length, 55);
    ok(toHost.answers().every(({ frame }) => frame[0] !== 0xaa));
    const toChips = faulty("byteDamage", { share: 1, direction: "toChips" });
    deepEqual(idAddresses(toChips), []);
    equal(toChips.chain.state().garbageBytes + 3 >= 7, true);
  });

  it("damages 1 % of the host's bytes without ever taking a wrong frame for a right one", () => {
    const rig = new Rig({ chips: 1 }).send(write(0xa4, ROLL_ALL));
    rig.chain.setEffects(
      addUp([{ name: "byteDamage", parameters: { share: 0.01, direction: "toChips" } }]),
      rig.nowMs,
    );
    for (let turn = 0; turn < 300; turn++) rig.send(jobFrame(8, turn));
    const { jobs, crcErrors } = rig.chain.state();
    ok(jobs > 80 && jobs < 200, String(jobs));
    ok(crcErrors > 0);
  });
});

describe("virtual silicon", () => {
  it("makes no errors at nominal voltage and clock", () => {
    const rig = new Rig({ chips: 5 });
    rig.bringUp({ addresses: [0, 2, 4, 6, 8], hashCountingNumber: HCN });
    rig.send(jobFrame(0)).run(500);
    equal(rig.chain.state().wrongNonces, 0);
    ok(rig.chain.state().nonces > 100);
  });

  it("makes more errors, then loses cores, then falls silent as the rail drops", () => {
    const rig = new Rig({ chips: 5, nominalRailMv: 10_000 });
    rig.bringUp({ addresses: [0, 2, 4, 6, 8], hashCountingNumber: HCN }).send(jobFrame(0));
    const fullThs = rig.chain.state().hashrateThs;
    rig.chain.setRail(9_300, rig.nowMs);
    rig.run(500);
    const some = rig.chain.state();
    ok(some.wrongNonces > 0 && some.wrongNonces < some.nonces);
    rig.chain.setRail(8_500, rig.nowMs);
    ok(rig.chain.state().hashrateThs < fullThs);
    rig.chain.setRail(0, rig.nowMs);
    rig.run(50);
    deepEqual(idAddresses(rig), []);
  });

  it("comes back from a lost rail as from reset", () => {
    const rig = new Rig({ nominalRailMv: 10_000 });
    rig.bringUp({ addresses: [0, 2, 4], hashCountingNumber: HCN });
    rig.chain.setRail(0, rig.nowMs);
    rig.chain.setRail(10_000, rig.nowMs);
    rig.hostBaud = 115_200;
    deepEqual(
      rig.readIds(9).map(({ byte6 }) => byte6),
      [0, 0, 0],
    );
  });
});
