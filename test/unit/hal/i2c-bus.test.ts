import { I2cDeviceAdapter } from "../../../src/hal/linux/i2c-device-adapter.js";
import { TwoLineAdapter } from "../../../src/hal/linux/two-line-adapter.js";
import {
  TWO_LINE_STATUS,
  type NativeTwoLineBus,
  type TwoLineStatus,
} from "../../../src/hal/native-gpio.js";
import { openQueuedI2cBus } from "../../../src/hal/queued-i2c-bus.js";
import { VirtualI2cAdapter } from "../../../src/hal/virtual/virtual-i2c-adapter.js";
import { VirtualSocket } from "../../../src/hal/virtual/virtual-socket.js";
import type { I2cAdapter } from "../../../src/hal/i2c-adapter.js";
import { parseHex, toHex } from "../../../src/lib/bytes.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { FakeI2cLibrary } from "./linux/fake-i2c-library.js";
import { FakeParts } from "./suites/fake-parts.js";
import { describeI2cBus, SUITE_PARTS, type I2cRig } from "./suites/i2c-bus-suite.js";
import { FakeMachine, type Answer, type Request } from "./virtual/fake-machine.js";

function rigOf(
  parts: FakeParts,
  adapter: I2cAdapter,
  clock: ManualClock,
  close: () => Promise<void> | void,
): I2cRig {
  return {
    parts,
    clock,
    open: (options = {}) => openQueuedI2cBus({ name: "boards", adapter, clock, ...options }),
    close: async () => {
      await close();
    },
  };
}

describeI2cBus("virtual machine", async () => {
  const parts = new FakeParts(SUITE_PARTS);
  const clock = new ManualClock();
  const machine = await new FakeMachine((request) => answerOf(parts, request)).listen();
  const socket = new VirtualSocket(`${machine.deviceDir}/hardware.sock`, clock);
  const adapter = await VirtualI2cAdapter.open("boards", socket);
  parts.recoveries = 0;
  return rigOf(parts, adapter, clock, async () => {
    socket.close();
    await machine.remove();
  });
});

function answerOf(parts: FakeParts, request: Request): Answer {
  if (request["do"] === "i2cRecover")
    return parts.recover() ? { ok: true } : { ok: false, error: "stuck" };
  const write = parseHex(String(request["write"]))!;
  const outcome = parts.transfer(Number(request["address"]), write, Number(request["read"]));
  if (outcome.is === "hang") return undefined;
  if (outcome.is === "ok") return { ok: true, read: toHex(outcome.read) };
  return { ok: false, error: outcome.is };
}

describeI2cBus("device of the kernel", async () => {
  const library = new FakeI2cLibrary(new FakeParts(SUITE_PARTS));
  // Any file that may be read and written stands for the device.
  const adapter = await I2cDeviceAdapter.open("null", "/dev", library.open);
  return rigOf(library.parts, adapter, new ManualClock(), () => {
    library.release();
  });
});

describeI2cBus("two lines", () => {
  const parts = new FakeParts(SUITE_PARTS);
  const adapter = new TwoLineAdapter("boards", new FakeTwoLineBus(parts));
  return Promise.resolve(rigOf(parts, adapter, new ManualClock(), () => undefined));
});

/** The addon's master over parts of our own. */
class FakeTwoLineBus implements NativeTwoLineBus {
  readonly #parts: FakeParts;

  constructor(parts: FakeParts) {
    this.#parts = parts;
  }

  transfer(
    address: number,
    write: Uint8Array,
    readLength: number,
  ): Promise<{ status: number; read: Uint8Array }> {
    const outcome = this.#parts.transfer(address, write, readLength);
    if (outcome.is === "hang") return new Promise(() => undefined);
    if (outcome.is === "ok") return Promise.resolve({ status: 0, read: outcome.read });
    return Promise.resolve(statusOf(outcome.is));
  }

  recover(): Promise<{ status: number; read: Uint8Array }> {
    return Promise.resolve(statusOf(this.#parts.recover() ? "ok" : "stuck"));
  }

  close(): void {
    // Nothing is held.
  }
}

function statusOf(status: TwoLineStatus): { status: number; read: Uint8Array } {
  return { status: TWO_LINE_STATUS.indexOf(status), read: new Uint8Array() };
}
