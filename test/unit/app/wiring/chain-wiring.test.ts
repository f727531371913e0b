import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { MinerError } from "../../../../src/lib/errors.js";
import { WiringRig, type WiringRigOptions } from "./wiring-rig.js";

const SILENT = new MinerError("CHAIN_SILENT", { chain: "chain0" });

describe("wiring of the chains", () => {
  let rig: WiringRig;

  afterEach(() => {
    rig.remove();
  });

  async function start(options: WiringRigOptions): Promise<WiringRig> {
    rig = new WiringRig(options);
    await rig.start();
    return rig;
  }

  it("is that of the board's file where nobody disputes it", async () => {
    await start({ wires: ["c", "b", "a"], isDisputed: false });
    deepEqual(rig.shown, ["0 a", "1 b", "2 c"]);
    deepEqual([rig.wiring.mustAsk(rig.fitted()), rig.wiring.isUnknown], [false, false]);
    rig.wiring.heard(0, "failed", SILENT);
    deepEqual([rig.wiring.forgive(), rig.wiring.findings], [false, []]);
  });

  it("is that of the owner", async () => {
    await start({ wires: ["c", "b", "a"], chainOrder: ["c", "b", "a"] });
    deepEqual([rig.shown, rig.wiring.snapshot().source], [["0 c", "1 b", "2 a"], "owner"]);
    equal(rig.wiring.mustAsk(rig.fitted()), false);
  });

  it("is asked of the hardware, where disputed or by order, and kept for the next start", async () => {
    await start({ wires: ["d", "a", "b"] });
    deepEqual([rig.shown, rig.wiring.isUnknown], [["0 a?", "1 b?", "2 c?"], true]);
    equal(rig.wiring.mustAsk(rig.fitted()), true);
    await rig.find();
    deepEqual(rig.shown, ["0 d", "1 a", "2 b"]);
    deepEqual([...rig.open].sort(), ["a", "b", "d"], "chains hang on their ttys, nobody on others");
    equal(rig.wiring.mustAsk(rig.fitted()), false);
    await rig.start();
    deepEqual(rig.shown, ["0 d", "1 a", "2 b"]);
    deepEqual([rig.wiring.isUnknown, rig.wiring.mustAsk(rig.fitted())], [false, false]);
  });

  it("is asked where the owner says find", async () => {
    await start({ wires: ["b", "a", "c"], isDisputed: false, chainOrder: "find" });
    equal(rig.wiring.mustAsk(rig.fitted()), true);
  });

  it("is found on a kernel that lacks a tty of the file", async () => {
    await start({ wires: ["a", "b", "d"], ttys: ["a", "b", "d"] });
    deepEqual(rig.shown, ["0 a?", "1 b?", "2 d?"]);
    await rig.find();
    deepEqual(rig.shown, ["0 a", "1 b", "2 d"]);
  });

  it("keeps the ttys of the file where the kernel has too few, so that opening them names what is missing", async () => {
    await start({ wires: ["a"], ttys: ["a"] });
    deepEqual(
      [0, 1, 2].map((slot) => rig.wiring.ttyOf(slot)),
      ["a", "b", "c"],
    );
  });

  it("leaves a slot without a board out, and asks again when it has one", async () => {
    await start({ wires: ["c", "b", "a"] });
    await rig.find(rig.fitted([1]));
    deepEqual(rig.shown, ["0 c", "1 b?", "2 a"]);
    deepEqual([rig.wiring.mustAsk(rig.fitted([1])), rig.wiring.findings], [false, []]);
    equal(rig.wiring.mustAsk(rig.fitted()), true);
  });

  it("tells a slot that is silent, and asks it once a start", async () => {
    await start({ wires: ["c", "none", "a"] });
    await rig.find();
    deepEqual(rig.shown, ["0 c", "1 b?", "2 a"]);
    deepEqual(rig.wiring.findings, [
      { code: "CHAIN_ORDER_SLOT_SILENT", context: { slot: 1, tty: "b" } },
    ]);
    equal(rig.wiring.mustAsk(rig.fitted()), false);
    await rig.start();
    equal(rig.wiring.mustAsk(rig.fitted()), true);
  });

  it("is doubted when a chain is silent that never worked, until it is asked anew", async () => {
    await start({ wires: ["a", "b", "c"] });
    await rig.find();
    rig.wiring.heard(0, "up", undefined);
    rig.wiring.heard(0, "failed", SILENT);
    equal(rig.wiring.forgive(), false, "it worked: the wire is not to blame");
    rig.wiring.heard(1, "failed", new MinerError("CHAIN_BROKEN", {}));
    equal(rig.wiring.forgive(), false, "its chips answer");
    rig.wiring.heard(1, "failed", SILENT);
    deepEqual(rig.shown, ["0 a", "1 b!", "2 c"]);
    deepEqual(rig.wiring.findings, [
      { code: "CHAIN_ORDER_DOUBTED", context: { slot: 1, tty: "b" } },
    ]);
    await rig.start();
    deepEqual([rig.shown[1], rig.wiring.mustAsk(rig.fitted())], ["1 b!", true]);
    equal(rig.wiring.forgive(), true);
    rig.wires = ["a", "d", "c"];
    await rig.find();
    deepEqual([rig.shown, rig.wiring.findings], [["0 a", "1 d", "2 c"], []]);
  });

  it("is not doubted any more when the chain works", async () => {
    await start({ wires: ["a", "b", "c"] });
    await rig.find();
    rig.wiring.heard(1, "failed", SILENT);
    rig.wiring.heard(1, "up", undefined);
    deepEqual([rig.shown, rig.wiring.forgive()], [["0 a", "1 b", "2 c"], false]);
  });

  it("is refused, and stays as it was, when a reset line is stuck", async () => {
    await start({ wires: ["c", "b", "a"] });
    const stuck = rig.ports[2]!;
    stuck.setReset = () => Promise.resolve();
    rig.inReset[2] = false;
    await rejects(rig.find(), { code: "CHAIN_ORDER_AMBIGUOUS" });
    deepEqual(rig.shown, ["0 a?", "1 b?", "2 c?"]);
    deepEqual([...rig.open].sort(), ["a", "b", "c"]);
    equal(rig.wiring.mustAsk(rig.fitted()), true);
  });

  it("is not asked any further when a board is taken out meanwhile", async () => {
    await start({ wires: ["a", "b", "c"] });
    const hold = rig.ports[0]!.setReset.bind(rig.ports[0]);
    rig.ports[0]!.setReset = (asserted) => {
      if (!asserted) rig.wiring.heard(1, "off", new MinerError("SENSOR_SILENT", { slot: 1 }));
      return hold(asserted);
    };
    await rejects(rig.find(), { code: "SENSOR_SILENT" });
    deepEqual(rig.inReset[1], true, "it never left reset");
    equal(rig.wiring.mustAsk(rig.fitted()), true);
  });

  it("does not use an order of another machine or board, or one that cannot be read", async () => {
    await start({ wires: ["c", "b", "a"] });
    await rig.find();
    const text = readFileSync(rig.file, "utf8");
    writeFileSync(rig.file, text.replace('"tty":"c"', '"tty":"x"'));
    await rig.start();
    deepEqual([rig.shown, rig.wiring.isUnknown], [["0 a?", "1 b?", "2 c?"], true]);
    deepEqual(rig.troubles, ["STATE_UNREADABLE"]);
  });

  describe("where chips answer only when all are out of reset", () => {
    const TOGETHER = { wires: ["c", "b", "a"], resetTogether: true } as const;

    it("cannot be asked of several boards, those included that are not used", async () => {
      await start(TOGETHER);
      for (const fitted of [rig.fitted(), rig.fitted([0], [1])])
        throws(
          () => rig.wiring.mustAsk(fitted),
          ({ code, context }: MinerError) =>
            code === "CHAIN_ORDER_UNPROVEN" &&
            /chainOrder.*allowInferred/.test(String(context["allow"])),
        );
    });

    it("is told by a board that is alone, all lines released", async () => {
      await start(TOGETHER);
      const only = rig.fitted([0, 1]);
      equal(rig.wiring.mustAsk(only), true);
      const released: string[] = [];
      for (const [slot, port] of rig.ports.entries()) {
        const setReset = port.setReset.bind(port);
        port.setReset = (asserted) => {
          if (!asserted) released.push(String(slot));
          // Empty slots: nobody answers there.
          return slot === 2 ? setReset(asserted) : Promise.resolve();
        };
      }
      await rig.find(only);
      deepEqual([rig.shown[2], released], ["2 a", ["0", "1", "2"]]);
    });

    it("is that of the board's file when the owner answers for it", async () => {
      await start({ ...TOGETHER, allowInferred: ["chains"] });
      deepEqual([rig.wiring.snapshot().source, rig.wiring.mustAsk(rig.fitted())], ["data", false]);
    });
  });
});
