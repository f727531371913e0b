import { equal, ok, rejects } from "node:assert/strict";
import { S9Controller } from "../../../../src/drivers/controller/s9-controller.js";
import { s9VoltageN } from "../../../../src/drivers/controller/s9-voltage.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { type Answers, answersOf, FakeController, finished } from "./fake-controller.js";

const FLUSH = `55aa00${"00".repeat(16)}`;
const GOOD = { [FLUSH]: "", "55aa07": "", "55aa06": "", "55aa17": "03" };

function rig(answers: Answers): { fake: FakeController; pic: S9Controller; clock: ManualClock } {
  const clock = new ManualClock();
  const fake = new FakeController(0x55, answers, clock);
  return { fake, pic: new S9Controller(fake, 0x55, clock), clock };
}

describe("an S9 board controller that has trouble", () => {
  it("gets each byte again until it takes it", async () => {
    const { fake, pic, clock } = rig(answersOf(GOOD));
    fake.nacks = 14;
    equal(await finished(clock, pic.readVersion()), 3);
    ok(clock.nowMs() >= 1500);
  });

  it("does not answer when it refuses a byte fifteen times", async () => {
    const { fake, pic, clock } = rig(answersOf(GOOD));
    fake.nacks = Infinity;
    await rejects(finished(clock, pic.readVersion()), {
      code: "CONTROLLER_NO_ANSWER",
      context: { address: "0x55", tries: 15 },
    });
  });

  it("has no good program when it tells another version than 3", async () => {
    for (const version of ["ff", "02"]) {
      const { pic, clock } = rig(answersOf({ ...GOOD, "55aa17": version }));
      await rejects(finished(clock, pic.start()), {
        code: "CONTROLLER_IN_LOADER",
        context: { address: "0x55", version: `0x${version}`, expected: "0x03" },
      });
    }
  });

  it("is started whatever command somebody left it in the middle of", async () => {
    for (let missing = 0; missing <= 16; missing++) {
      let swallows = missing;
      const { pic, clock } = rig((request) => {
        // Bytes that it still waits for, and bytes before a preamble, are gone.
        if (swallows-- > 0) return "";
        return "55aa".startsWith(request.slice(0, 4)) ? answersOf(GOOD)(request) : "";
      });
      equal(await finished(clock, pic.start()), 3, `${missing} bytes`);
    }
  });

  it("is not believed when it holds another voltage than was set", async () => {
    const { pic, clock } = rig(answersOf({ "55aa1006": "", "55aa18": "ff" }));
    await rejects(finished(clock, pic.setVoltage(9400)), {
      code: "CONTROLLER_BAD_ANSWER",
      context: { address: "0x55", wantedN: 6, readN: 255 },
    });
  });
});

describe("the voltage of an S9 board", () => {
  it("is refused outside what the converter can make, before anything is sent", async () => {
    const { fake, pic, clock } = rig(answersOf({}));
    for (const railMv of [7900, 9500, 0, NaN])
      await rejects(finished(clock, pic.setVoltage(railMv)), {
        code: "PSU_VOLTAGE_OUT_OF_RANGE",
      });
    equal(fake.written, "");
  });

  it("reaches both ends", () => {
    equal(s9VoltageN(9437), 0);
    equal(s9VoltageN(7942), 255);
  });
});
