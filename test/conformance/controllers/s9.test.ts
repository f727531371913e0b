import { deepEqual, equal, ok } from "node:assert/strict";
import { S9Controller } from "../../../src/drivers/controller/s9-controller.js";
import { s9VoltageMv, s9VoltageN } from "../../../src/drivers/controller/s9-voltage.js";
import { toHex } from "../../../src/lib/bytes.js";
import { ManualClock } from "../../../src/lib/clock.js";
import {
  answersOf,
  FakeController,
  finished,
} from "../../unit/drivers/controller/fake-controller.js";
import { framesOf, powerVectors } from "./vectors.js";

const frames = framesOf("s9_pic");
const frame = (id: string): string => {
  const hex = frames[id];
  ok(hex !== undefined, id);
  return hex;
};

const FLASH = "23000102030405060708090a0b0c0d0e";

function board(): { fake: FakeController; controller: S9Controller; clock: ManualClock } {
  const clock = new ManualClock();
  const silent = ["flush", "jump", "reset", "set_6", "enable", "disable", "heartbeat"];
  const answers = answersOf({
    ...Object.fromEntries(
      [...silent, "flash_ptr", "flash_ptr_badcore"].map((id) => [frame(id), ""]),
    ),
    [frame("version")]: "03",
    [frame("get_voltage")]: "06",
    [frame("read_flash")]: FLASH,
    [frame("temp_offset_rd")]: "0102030405060708",
  });
  const fake = new FakeController(0x56, answers, clock);
  return { fake, controller: new S9Controller(fake, 0x56, clock), clock };
}

describe("the S9's board controller", () => {
  type Call = readonly [readonly string[], string, (pic: S9Controller) => Promise<unknown>];
  const calls: readonly Call[] = [
    [["enable"], "converter on", (pic) => pic.setConverter(true)],
    [["disable"], "converter off", (pic) => pic.setConverter(false)],
    [["heartbeat"], "heartbeat", (pic) => pic.heartbeat()],
    [["version"], "version", (pic) => pic.readVersion()],
    [["set_6", "get_voltage"], "set voltage", (pic) => pic.setVoltage(9400)],
    [["flush", "reset", "jump", "version"], "start", (pic) => pic.start()],
    [["flash_ptr", "read_flash"], "flash of the clocks", (pic) => pic.readFlash(0xfa0)],
    [["flash_ptr_badcore", "read_flash"], "flash of the cores", (pic) => pic.readFlash(0xf80)],
    [["temp_offset_rd"], "sensor offsets", (pic) => pic.readSensorOffsets()],
  ];
  for (const [ids, what, call] of calls)
    it(`is sent ${ids.join(", ")} for ${what}`, async () => {
      const { fake, controller, clock } = board();
      await finished(clock, call(controller));
      equal(fake.written, ids.map(frame).join(""));
    });

  it("is sent every vector", () => {
    deepEqual([...new Set(calls.flatMap(([ids]) => ids))].sort(), Object.keys(frames).sort());
  });

  it("answers bare bytes", async () => {
    const { controller, clock } = board();
    equal(await finished(clock, controller.readVersion()), 3);
    equal(await finished(clock, controller.readSetpointMv()), 9403);
    equal(toHex(await finished(clock, controller.readFlash(0xf80))), FLASH);
    equal(toHex(await finished(clock, controller.readSensorOffsets())), "0102030405060708");
  });

  it("is given 100 ms for a command and 500 ms for a reset", async () => {
    const { fake, controller, clock } = board();
    await finished(clock, controller.start());
    const at = fake.requests.map(({ atMs }) => atMs);
    deepEqual(
      at.map((each) => each - (at[0] ?? 0)),
      [0, 100, 600, 700],
    );
    equal(fake.repliesAtMs.at(-1), (at[3] ?? 0) + 100);
  });

  interface VoltageVector {
    readonly volts: number;
    readonly n_stock_truncates: number;
    readonly n_braiins_rounds: number;
  }
  const { voltage } = powerVectors<{ voltage: readonly VoltageVector[] }>("s9_pic");
  for (const { volts, n_braiins_rounds: rounded, n_stock_truncates: truncated } of voltage)
    it(`makes N ${rounded} of ${volts} V, as Braiins does and stock nearly`, () => {
      const n = s9VoltageN(volts * 1000);
      equal(n, rounded);
      ok(n - truncated === 0 || n - truncated === 1);
      ok(Math.abs(s9VoltageMv(n) - volts * 1000) <= 3);
    });
});
