import { deepEqual, equal, rejects } from "node:assert/strict";
import { I2cDeviceAdapter } from "../../../../src/hal/linux/i2c-device-adapter.js";
import { openQueuedI2cBus } from "../../../../src/hal/queued-i2c-bus.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { failsWith } from "../suites/errors.js";
import { FakeParts } from "../suites/fake-parts.js";
import { FakeI2cLibrary } from "./fake-i2c-library.js";

const SENSOR = 0x48;

describe("I2C device of the kernel", () => {
  let library: FakeI2cLibrary;
  let clock: ManualClock;

  beforeEach(() => {
    library = new FakeI2cLibrary(new FakeParts([SENSOR]));
    clock = new ManualClock();
  });

  const open = async (): Promise<ReturnType<typeof openQueuedI2cBus>["bus"]> => {
    const adapter = await I2cDeviceAdapter.open("null", "/dev", library.open);
    return openQueuedI2cBus({ name: "null", adapter, clock }).bus;
  };

  it("is missed when it is opened, not when it is used", async () => {
    await rejects(
      I2cDeviceAdapter.open("i2c-7", "/nonexistent", library.open),
      failsWith("I2C_UNAVAILABLE", { bus: "/nonexistent/i2c-7", reason: "ENOENT" }),
    );
    equal(library.opened, 0);
  });

  it("is not used when it can only do SMBus", async () => {
    library.isPlain = false;
    await rejects(open(), failsWith("I2C_UNAVAILABLE", { reason: "SMBus only" }));
    equal(library.closed, 1);
  });

  it("never talks to a wrong address after the kernel refused one", async () => {
    const bus = await open();
    library.refusedAddresses = 1;
    await rejects(bus.read(SENSOR, 1), failsWith("I2C_UNAVAILABLE", { address: "0x48" }));
    deepEqual([library.opened, library.closed], [2, 1]);
    await bus.read(SENSOR, 1);
    deepEqual(
      library.parts.seen.map(({ address }) => address),
      [SENSOR],
    );
  });

  it("keeps its files when a part that answered before does not", async () => {
    const bus = await open();
    await bus.read(SENSOR, 1);
    library.parts.remove(SENSOR);
    await rejects(bus.read(SENSOR, 1), failsWith("I2C_NACK"));
    equal(library.opened, 1);
  });

  it("does not mind old files that cannot be closed", async () => {
    const bus = await open();
    library.cannotClose = true;
    await rejects(bus.read(0x49, 1), failsWith("I2C_NACK", { address: "0x49" }));
    deepEqual([...(await bus.read(SENSOR, 1))], [library.parts.bytesOf(SENSOR)[0]]);
  });

  it("says so when the device is gone while the bus is freed", async () => {
    const bus = await open();
    await bus.read(SENSOR, 1);
    library.isGone = true;
    library.parts.stuckTransfers = 1;
    await rejects(bus.read(SENSOR, 1), failsWith("I2C_UNAVAILABLE", { bus: "null" }));
  });

  it("fails fast while a transfer hangs, closes nothing under it, and works again afterwards", async () => {
    const bus = await open();
    await bus.read(SENSOR, 1);
    library.parts.hangingTransfers = 1;
    const hanging = rejects(bus.read(SENSOR, 1), failsWith("I2C_BUS_STUCK"));
    await clock.advance(700 + 2000);
    await hanging;
    // No time passes for these.
    await rejects(bus.read(SENSOR, 1), failsWith("I2C_BUS_STUCK", { reason: "a transfer hangs" }));
    await rejects(bus.read(SENSOR, 1), failsWith("I2C_BUS_STUCK", { reason: "a transfer hangs" }));
    equal(library.parts.seen.length, 2);
    library.release();
    await clock.advance(0);
    deepEqual([...(await bus.read(SENSOR, 1))], [library.parts.bytesOf(SENSOR)[1]]);
    equal(library.isClosedTooEarly, false);
  });

  it("tries again when a transfer that took too long comes back in time for the recovery", async () => {
    const bus = await open();
    await bus.read(SENSOR, 1);
    library.parts.hangingTransfers = 1;
    const read = bus.read(SENSOR, 1);
    await clock.advance(700);
    library.release();
    await clock.advance(0);
    deepEqual([...(await read)], [library.parts.bytesOf(SENSOR)[1]]);
  });
});
