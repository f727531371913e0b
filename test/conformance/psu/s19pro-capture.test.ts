import { deepEqual, equal, ok } from "node:assert/strict";
import { findSupplyType, loadSupplies } from "../../../src/boards/load-supplies.js";
import { COMMAND } from "../../../src/drivers/psu/commands.js";
import { FrameLine } from "../../../src/drivers/psu/frame-line.js";
import { openApwV1 } from "../../../src/drivers/psu/apw-v1.js";
import { probePowerSupply } from "../../../src/drivers/psu/probe-power-supply.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { createLogger } from "../../../src/lib/logger.js";
import { inTime, ScriptedSupply, type Transfer } from "../../unit/drivers/psu/scripted-supply.js";
import { capturedRounds, parseFpgaWord } from "./fpga-words.js";
import { powerVectors } from "./vectors.js";

const log = createLogger("silent");
const TYPE_71 = [0x71, 0x00];
const SUPPLIES = loadSupplies().filter(({ name }) => name === "apw12");

interface Rig {
  readonly clock: ManualClock;
  readonly bus: ScriptedSupply;
  readonly line: FrameLine;
}

function rig(): Rig {
  const clock = new ManualClock();
  const bus = new ScriptedSupply({ clock, replies: { [COMMAND.type]: TYPE_71 } });
  const timing = { replyWaitMs: 300, afterMs: 100, tries: 3 };
  const way = { version: 1, register: 0x11 } as const;
  return { clock, bus, line: new FrameLine({ bus, address: 0x10, way, timing, clock, log }) };
}

describe("supply of an S19 Pro, as captured", () => {
  const [probe, type, probeAgain, typeAgain, set] = capturedRounds();

  it("is read from words of the FPGA", () => {
    interface Words {
      vectors: {
        word: string;
        decoded: Record<"addr7" | "reg" | "data", string> &
          Record<"read" | "reg_valid" | "done", boolean> & { master: number };
      }[];
    }
    for (const { word, decoded } of powerVectors<Words>("zynq_fpga_iic_words").vectors)
      deepEqual(parseFpgaWord(Number(word)), {
        master: decoded.master,
        isRead: decoded.read,
        register: decoded.reg_valid ? Number(decoded.reg) : undefined,
        address: Number(decoded.addr7),
        data: Number(decoded.data),
        isDone: decoded.done,
      });
  });

  it("shows the rounds that the tests below compare with", () => {
    equal(capturedRounds().length, 5);
    deepEqual(type?.transfers, typeAgain?.transfers);
    deepEqual(probe?.transfers, probeAgain?.transfers);
    for (const round of [type, typeAgain, set]) {
      const waitMs = round?.replyWaitMs ?? 0;
      ok(waitMs >= 300 && waitMs < 330, `waited ${waitMs} ms`);
    }
  });

  it("is asked for its type with the same transfers, each naming the register", async () => {
    const { clock, bus, line } = rig();
    await inTime(clock, line.ask({ command: COMMAND.type, replyBytes: [2] }));
    deepEqual(bus.transfers, type?.transfers as Transfer[]);
  });

  it("is set to 15.0 V with the same transfers", async () => {
    const { clock, bus, line } = rig();
    // No calibration: the capture does not read one.
    const known = findSupplyType(0x71, null)!;
    const { code, dac, evidence, source } = known.type;
    const type = { code, ...(dac && { dac }), evidence, source };
    const supply = openApwV1(line, { ...known, type }, null, { log });
    const { railMv, isEchoed } = await inTime(clock, supply.requestVoltage(15_000));
    deepEqual(bus.transfers, set?.transfers as Transfer[]);
    equal(isEchoed, true);
    ok(Math.abs(railMv - 15_000) < 13);
  });

  it("is probed in the same order: register 0x00, then the type", async () => {
    const { clock, bus } = rig();
    await inTime(clock, probePowerSupply({ bus, clock, log, supplies: SUPPLIES }));
    const expected = [...(probe?.transfers ?? []), ...(type?.transfers ?? [])];
    deepEqual(bus.transfers.slice(0, expected.length), expected as Transfer[]);
  });
});
