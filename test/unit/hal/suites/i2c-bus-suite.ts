import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import type { I2cTransfers } from "../../../../src/hal/i2c-bus.js";
import type { OpenedI2cBus, QueuedI2cBusOptions } from "../../../../src/hal/queued-i2c-bus.js";
import type { ManualClock } from "../../../../src/lib/clock.js";
import { failsWith, soon } from "./errors.js";
import type { FakeParts } from "./fake-parts.js";

const SENSOR = 0x48;
const NOBODY = 0x49;
const MEMORIES = [0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57];

/** What is on the bus of a rig. */
export const SUITE_PARTS = [SENSOR, ...MEMORIES];

export interface I2cRig {
  readonly parts: FakeParts;
  readonly clock: ManualClock;
  open(options?: Pick<QueuedI2cBusOptions, "bareControllers">): OpenedI2cBus;
  close(): Promise<void>;
}

/** What every I2C bus keeps, whatever moves its bytes. */
export function describeI2cBus(title: string, makeRig: () => Promise<I2cRig>): void {
  describe(`I2C bus: ${title}`, () => {
    let rig: I2cRig;
    let opened: OpenedI2cBus;

    beforeEach(async () => {
      rig = await makeRig();
      opened = rig.open();
    });

    afterEach(() => rig.close());

    it("writes, reads, and reads a register after a repeated start", async () => {
      const { bus } = opened;
      await bus.write(SENSOR, Uint8Array.of(0x10, 0xaa, 0xbb));
      deepEqual(await bus.readRegister(SENSOR, 0x10, 2), Uint8Array.of(0xaa, 0xbb));
      const next = rig.parts.bytesOf(SENSOR)[0x12];
      deepEqual([...(await bus.read(SENSOR, 1))], [next]);
      deepEqual(rig.parts.seen, [
        { address: SENSOR, write: [0x10, 0xaa, 0xbb], read: 0 },
        { address: SENSOR, write: [0x10], read: 2 },
        { address: SENSOR, write: [], read: 1 },
      ]);
    });

    it("reads a whole memory in blocks that every kernel can do", async () => {
      deepEqual(await opened.bus.readRegister(0x51, 0, 256), rig.parts.bytesOf(0x51));
      deepEqual(
        rig.parts.seen.map(({ write, read }) => [...write, read]),
        [0, 32, 64, 96, 128, 160, 192, 224].map((at) => [at, 32]),
      );
      rig.parts.seen.length = 0;
      deepEqual(await opened.bus.readRegister(0x51, 10, 33), rig.parts.bytesOf(0x51).slice(10, 43));
      deepEqual(
        rig.parts.seen.map(({ write, read }) => [...write, read]),
        [
          [10, 32],
          [42, 1],
        ],
      );
    });

    it("says at which address nobody is, after one try", async () => {
      await rejects(opened.bus.read(NOBODY, 1), failsWith("I2C_NACK", { address: "0x49" }));
      await rejects(opened.bus.write(NOBODY, Uint8Array.of(1)), failsWith("I2C_NACK"));
      await rejects(opened.bus.readRegister(NOBODY, 0, 2), failsWith("I2C_NACK"));
      equal(rig.parts.seen.length, 3);
      equal(rig.parts.recoveries, 0);
      ok(await opened.bus.read(SENSOR, 1));
    });

    for (const address of MEMORIES)
      it(`does not write to 0x${address.toString(16)}, alone or within exclusively, and reads it`, async () => {
        const before = rig.parts.bytesOf(address).slice();
        const refused = failsWith("I2C_WRITE_REFUSED", { address: `0x${address.toString(16)}` });
        const { bus } = opened;
        await rejects(bus.write(address, Uint8Array.of(0)), refused);
        await rejects(bus.write(address, Uint8Array.of(0, 0xff)), refused);
        await bus.exclusively(async (own) => {
          await rejects(own.write(address, Uint8Array.of(0, 0xff)), refused);
          await own.read(SENSOR, 1);
          await rejects(own.write(address, Uint8Array.of(0)), refused);
        });
        deepEqual(rig.parts.bytesOf(address), before);
        equal(rig.parts.seen.length, 1);
        deepEqual([...(await bus.readRegister(address, 3, 1))], [before[3]]);
        await bus.exclusively((own) => own.readRegister(address, 3, 1));
        deepEqual(rig.parts.bytesOf(address), before);
      });

    it("writes to the controllers of an S9 on a bus that was opened for them, and to no memory beside", async () => {
      const { bus } = rig.open({ bareControllers: [0x55, 0x56] });
      await bus.write(0x55, Uint8Array.of(0x55));
      await bus.exclusively((own) => own.write(0x56, Uint8Array.of(0xaa)));
      await rejects(bus.write(0x57, Uint8Array.of(1)), failsWith("I2C_WRITE_REFUSED"));
      await rejects(bus.write(0x50, Uint8Array.of(1)), failsWith("I2C_WRITE_REFUSED"));
      equal(rig.parts.seen.length, 2);
    });

    it("cannot be opened for writing to addresses that are no controllers", () => {
      for (const address of [0x50, 0x54, 0x58])
        throws(() => rig.open({ bareControllers: [address] }), failsWith("FIELD_INVALID"));
    });

    it("writes a memory byte by byte for whoever opened the bus and kept the writer", async () => {
      const written = opened.eepromWriter.writeByte(0x52, 0x20, 0x99);
      let ended = 0;
      void written.then(() => ended++);
      await soon(() => rig.parts.seen.length === 1);
      for (let ms = 0; ms < 400 && ended === 0; ms++) await rig.clock.advance(1);
      await written;
      equal(rig.parts.bytesOf(0x52)[0x20], 0x99);
      deepEqual(rig.parts.seen, [{ address: 0x52, write: [0x20, 0x99], read: 0 }]);
      await rejects(opened.eepromWriter.writeByte(SENSOR, 0, 0), failsWith("FIELD_INVALID"));
    });

    it("refuses addresses that are none and transfers without a byte", async () => {
      const { bus } = opened;
      for (const address of [0, 0x07, 0x78, 0xa0, -1, 1.5, Number.NaN])
        await rejects(bus.read(address, 1), failsWith("FIELD_INVALID"));
      await rejects(bus.write(SENSOR, new Uint8Array()), failsWith("FIELD_INVALID"));
      await rejects(bus.read(SENSOR, 0), failsWith("FIELD_INVALID"));
      await rejects(bus.readRegister(SENSOR, 0, 0), failsWith("FIELD_INVALID"));
      equal(rig.parts.seen.length, 0);
    });

    it("lets nobody between the transfers of exclusively, and takes turns otherwise", async () => {
      const { bus } = opened;
      const select = async (own: I2cTransfers, register: number): Promise<number> => {
        await own.write(SENSOR, Uint8Array.of(register));
        return (await own.read(SENSOR, 1))[0]!;
      };
      const values = await Promise.all([
        bus.exclusively((own) => select(own, 3)),
        bus.readRegister(SENSOR, 9, 1),
        bus.exclusively((own) => select(own, 200)),
        bus.readRegister(SENSOR, 11, 1),
      ]);
      const bytes = rig.parts.bytesOf(SENSOR);
      deepEqual([values[0], values[2]], [bytes[3], bytes[200]]);
      deepEqual(
        rig.parts.seen.map(({ write }) => write[0]),
        [3, undefined, 9, 200, undefined, 11],
      );
    });

    it("gives the bus back after exclusively, also when it failed or left transfers behind", async () => {
      const { bus } = opened;
      let kept: I2cTransfers | undefined;
      const failed = bus.exclusively(async (own) => {
        kept = own;
        void own.read(SENSOR, 1);
        await Promise.resolve();
        throw new Error("the driver's own");
      });
      const next = bus.readRegister(SENSOR, 1, 1);
      await rejects(failed, /the driver's own/);
      await next;
      deepEqual(
        rig.parts.seen.map(({ write }) => write.length),
        [0, 1],
      );
      await rejects(kept!.read(SENSOR, 1), failsWith("INTERNAL"));
    });

    it("frees a bus that is held low and tries once more", async () => {
      rig.parts.stuckTransfers = 1;
      deepEqual(await opened.bus.readRegister(SENSOR, 4, 1), rig.parts.bytesOf(SENSOR).slice(4, 5));
      equal(rig.parts.seen.length, 2);
    });

    it("gives up after the second try, and goes on when the bus is free again", async () => {
      rig.parts.stuckTransfers = 2;
      await rejects(opened.bus.read(SENSOR, 1), failsWith("I2C_BUS_STUCK"));
      equal(rig.parts.seen.length, 2);
      ok(await opened.bus.read(SENSOR, 1));
    });

    it("says so when the bus cannot be freed", async () => {
      rig.parts.isShort = true;
      await rejects(opened.bus.read(SENSOR, 1), failsWith("I2C_BUS_STUCK"));
      rig.parts.isShort = false;
      ok(await opened.bus.read(SENSOR, 1));
    });

    it("ends every call within the deadlines when transfers never end", async () => {
      rig.parts.hangingTransfers = 3;
      const { bus } = opened;
      const calls = [bus.read(SENSOR, 1), bus.readRegister(SENSOR, 0, 2), bus.read(SENSOR, 1)];
      let settled = 0;
      const outcomes = calls.map((call) =>
        call.then(
          () => "done",
          (error: unknown) => (
            ok(failsWith("I2C_TIMEOUT")(error) || failsWith("I2C_BUS_STUCK")(error)),
            "failed"
          ),
        ),
      );
      for (const outcome of outcomes) void outcome.then(() => settled++);
      // Each may wait for two transfers and a recovery, all of which end within two seconds.
      for (let steps = 0; steps < 3 * 60 && settled < calls.length; steps++) {
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
        await rig.clock.advance(100);
      }
      equal(settled, calls.length);
      equal((await Promise.all(outcomes)).includes("failed"), true);
    });

    it("does nothing any more once it is closed, and waits for who has the bus", async () => {
      const { bus } = opened;
      const unavailable = failsWith("I2C_UNAVAILABLE");
      let closed: Promise<void> | undefined;
      let hasClosed = false;
      const having = bus.exclusively(async (own) => {
        await own.read(SENSOR, 1);
        closed = bus.close().then(() => {
          hasClosed = true;
        });
        await rejects(own.read(SENSOR, 1), unavailable);
        equal(hasClosed, false);
      });
      await rejects(bus.read(SENSOR, 1), unavailable);
      await having;
      await closed;
      await rejects(bus.read(SENSOR, 1), unavailable);
      await bus.close();
      equal(rig.parts.seen.length, 1);
    });
  });
}
