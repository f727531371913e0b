import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { FramedController } from "../../../../src/drivers/controller/framed-controller.js";
import { requestFrame } from "../../../../src/drivers/controller/framed-frames.js";
import { toHex } from "../../../../src/lib/bytes.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { MinerError } from "../../../../src/lib/errors.js";
import { type Answers, answersOf, FakeController, finished } from "./fake-controller.js";

const ADDRESS = 0x21;
const RESET = toHex(requestFrame(0x07));
const START = toHex(requestFrame(0x06));
const VERSION = toHex(requestFrame(0x17));
const HEARTBEAT = toHex(requestFrame(0x16));
const VOLTAGE = toHex(requestFrame(0x29));
const CONVERTER_ON = toHex(requestFrame(0x15, [1]));
const SELECT = toHex(requestFrame(0x3b, [0x48, 0]));
const READ = toHex(requestFrame(0x3c, [0x48, 2]));

const GOOD = { [RESET]: "0701", [START]: "0601", [VERSION]: "05178900a5", [CONVERTER_ON]: "1501" };

function rig(answers: Answers): {
  fake: FakeController;
  controller: FramedController;
  clock: ManualClock;
} {
  const clock = new ManualClock();
  const fake = new FakeController(ADDRESS, answers, clock);
  return { fake, controller: new FramedController(fake, ADDRESS, clock), clock };
}

/** The answers of a table, one after the other where there are several. */
function takingTurns(table: Readonly<Record<string, readonly string[]>>): Answers {
  const turns = new Map<string, number>();
  return (request) => {
    const answers = table[request];
    const turn = turns.get(request) ?? 0;
    turns.set(request, turn + 1);
    return answers?.[Math.min(turn, answers.length - 1)];
  };
}

describe("a framed board controller that has trouble", () => {
  it("is asked three times, a second apart, when its answer is damaged", async () => {
    const { fake, controller, clock } = rig(
      takingTurns({ [VERSION]: ["05178900a4", "0517", "05178900a5"] }),
    );
    equal(await finished(clock, controller.readVersion()), 0x89);
    const [first, second, third] = fake.requests.map(({ atMs }) => atMs);
    deepEqual([first, second], [0, 1300]);
    ok((third ?? 0) >= 2600);
  });

  it("gives up after that, and tells what came", async () => {
    const { controller, clock, fake } = rig(answersOf({ [CONVERTER_ON]: "1500" }));
    await rejects(finished(clock, controller.setConverter(true)), {
      code: "CONTROLLER_BAD_ANSWER",
      context: { address: "0x21", requestHex: CONVERTER_ON, replyHex: "1500" },
    });
    equal(fake.requests.length, 3);
  });

  it("is waited for when it answers late", async () => {
    const { fake, controller, clock } = rig(answersOf(GOOD));
    fake.latencyMs = 480;
    for (const idle of [0xff, 0x00]) {
      fake.idleByte = idle;
      equal(await finished(clock, controller.readVersion()), 0x89);
    }
    equal(fake.requests.length, 2);
  });

  it("does not answer when all that is read is FF", async () => {
    const { controller, clock } = rig(answersOf({ [VERSION]: "" }));
    await rejects(finished(clock, controller.readVersion()), { code: "CONTROLLER_NO_ANSWER" });
  });

  it("is missing at once when nobody acknowledges", async () => {
    const { fake, controller, clock } = rig(answersOf({}));
    fake.nacks = Infinity;
    await rejects(finished(clock, controller.start()), (error) => {
      ok(error instanceof MinerError);
      equal(error.code, "CONTROLLER_NO_ANSWER");
      return error.cause instanceof MinerError && error.cause.code === "I2C_NACK";
    });
    ok(clock.nowMs() <= 300, `${clock.nowMs()} ms`);
  });

  it("is asked again when one byte was not acknowledged", async () => {
    const { fake, controller, clock } = rig(answersOf({ [VERSION]: GOOD[VERSION] ?? "" }));
    fake.nacks = 1;
    equal(await finished(clock, controller.readVersion()), 0x89);
  });

  it("is in its loader when it takes reset and start, and tells no version", async () => {
    for (const version of ["", "1700"]) {
      const { controller, clock } = rig(answersOf({ ...GOOD, [VERSION]: version }));
      await rejects(finished(clock, controller.start()), {
        code: "CONTROLLER_IN_LOADER",
        context: { address: "0x21" },
      });
    }
  });

  it("is not in its loader when it is unplugged while it starts", async () => {
    const { fake, controller, clock } = rig((request) => {
      if (request === START) fake.nacks = Infinity;
      return answersOf(GOOD)(request);
    });
    await rejects(finished(clock, controller.start()), { code: "CONTROLLER_NO_ANSWER" });
  });

  it("keeps a stuck bus what it is", async () => {
    const { fake, controller, clock } = rig(answersOf(GOOD));
    fake.write = () => Promise.reject(new MinerError("I2C_BUS_STUCK", { bus: "boards" }));
    await rejects(finished(clock, controller.readVersion()), { code: "I2C_BUS_STUCK" });
    await rejects(finished(clock, controller.probe()), { code: "I2C_BUS_STUCK" });
  });

  it("gets one try for a heartbeat, short or long as it answers", async () => {
    for (const reply of ["06160100001d", "1601"]) {
      const { controller, clock } = rig(answersOf({ [HEARTBEAT]: reply }));
      await finished(clock, controller.heartbeat());
    }
    const { fake, controller, clock } = rig(answersOf({ [HEARTBEAT]: "1600" }));
    await rejects(finished(clock, controller.heartbeat()), { code: "CONTROLLER_BAD_ANSWER" });
    equal(fake.requests.length, 1);
  });
});

describe("probing for a framed board controller", () => {
  it("finds none where nobody acknowledges", async () => {
    const { fake, controller, clock } = rig(answersOf({}));
    fake.nacks = Infinity;
    equal(await finished(clock, controller.probe()), undefined);
  });

  it("finds one by its version, and writes the version request only", async () => {
    const { fake, controller, clock } = rig(answersOf(GOOD));
    deepEqual(await finished(clock, controller.probe()), { version: 0x89 });
    equal(fake.written, VERSION);
  });

  it("finds one that was not started, and writes the version request only", async () => {
    const { fake, controller, clock } = rig(answersOf({ [VERSION]: "" }));
    deepEqual(await finished(clock, controller.probe()), { version: null });
    equal(fake.written, VERSION);
  });
});

describe("a framed board controller", () => {
  it("measures the voltage of its board", async () => {
    // 2100 counts x 3.3 / 4096 x 7.6; what the last two bytes are is not known.
    const { controller, clock } = rig(answersOf({ [VOLTAGE]: "09290108340000006f" }));
    equal(await finished(clock, controller.readVoltageMv()), 12_858);
  });

  it("does not take a voltage of another length", async () => {
    const { controller, clock } = rig(answersOf({ [VOLTAGE]: "0729010834006d" }));
    await rejects(finished(clock, controller.readVoltageMv()), { code: "CONTROLLER_BAD_ANSWER" });
  });

  it("takes one command at a time, whoever asks", async () => {
    const { fake, controller, clock } = rig(
      answersOf({ ...GOOD, [HEARTBEAT]: "1601", [SELECT]: "3b01", [READ]: "073c011710006b" }),
    );
    const [bytes, , version] = await finished(
      clock,
      Promise.all([
        controller.sensors.readRegister(0x48, 0, 2),
        controller.heartbeat(),
        controller.readVersion(),
      ]),
    );
    equal(toHex(bytes), "1710");
    equal(version, 0x89);
    equal(fake.written, SELECT + READ + HEARTBEAT + VERSION);
  });

  it("goes on with the next command when one failed", async () => {
    const { controller, clock } = rig(answersOf({ ...GOOD, [HEARTBEAT]: "1600" }));
    const beat = controller.heartbeat();
    const version = controller.readVersion();
    await rejects(finished(clock, beat), { code: "CONTROLLER_BAD_ANSWER" });
    equal(await finished(clock, version), 0x89);
  });
});

describe("the bus behind a framed board controller", () => {
  it("writes, and reads without choosing a register", async () => {
    const write = toHex(requestFrame(0x3b, [0x4c, 9, 4]));
    const { fake, controller, clock } = rig(
      answersOf({ [write]: "3b01", [READ]: "073c011710006b" }),
    );
    await finished(clock, controller.sensors.write(0x4c, Uint8Array.of(9, 4)));
    equal(toHex(await finished(clock, controller.sensors.read(0x48, 2))), "1710");
    equal(fake.written, write + READ);
  });

  it("refuses to write where memories sit", async () => {
    const { fake, controller } = rig(answersOf({}));
    for (const address of [0x50, 0x57])
      await rejects(controller.sensors.write(address, Uint8Array.of(0)), {
        code: "I2C_WRITE_REFUSED",
      });
    equal(fake.written, "");
  });

  it("says when a part behind it does not answer, after two tries", async () => {
    const { fake, controller, clock } = rig(answersOf({ [SELECT]: "3b00" }));
    await rejects(finished(clock, controller.sensors.readRegister(0x48, 0, 2)), {
      code: "CONTROLLER_BAD_ANSWER",
    });
    equal(fake.written, SELECT.repeat(2));
  });

  it("does not take a reply with another number of bytes", async () => {
    const { controller, clock } = rig(answersOf({ [SELECT]: "3b01", [READ]: "063c011700005a" }));
    await rejects(finished(clock, controller.sensors.readRegister(0x48, 0, 2)), {
      code: "CONTROLLER_BAD_ANSWER",
    });
  });
});
