import type { Bus, FanGroup, FanTach, Line } from "../../../src/boards/schema/control-board.js";
import type { PwmOutput, Tach } from "../../../src/hal/fan-hardware.js";
import { dutyPct, pulseNs, rpmOf } from "../../../src/hal/fan-signal.js";
import type { GpioInput, GpioOutput, Level } from "../../../src/hal/gpio.js";
import type { Hardware, NativeLine, Watchdog } from "../../../src/hal/hardware.js";
import type { I2cAdapter } from "../../../src/hal/i2c-adapter.js";
import type { I2cBus } from "../../../src/hal/i2c-bus.js";
import { openQueuedI2cBus } from "../../../src/hal/queued-i2c-bus.js";
import { MinerError } from "../../../src/lib/errors.js";
import type { VirtualBus } from "../../../src/virtual/i2c/virtual-bus.js";
import type { MachineBody } from "./machine-body.js";
import type { ProcessClock } from "./rig-time.js";

/** The devices of the virtual control board, reached without a socket by one process of the controller. */
export class BodyHardware implements Hardware {
  readonly #machine: MachineBody;
  readonly #clock: ProcessClock;

  constructor(machine: MachineBody, clock: ProcessClock) {
    this.#machine = machine;
    this.#clock = clock;
  }

  deviceTreeModel(): Promise<string> {
    return Promise.resolve("Headframe virtual machine");
  }

  openI2cBus(bus: Bus): Promise<I2cBus> {
    const name = "virtual" in bus && bus.virtual === "psu" ? "psu" : "boards";
    const adapter = this.#adapter(name, this.#machine.body.buses[name]);
    return Promise.resolve(openQueuedI2cBus({ name, adapter, clock: this.#clock }).bus);
  }

  openInput(line: Line): Promise<GpioInput> {
    const name = "virtual" in line ? line.virtual : "";
    const read = (): Promise<Level> =>
      this.#clock.outside(() => {
        const level = this.#machine.body.lines.read(name);
        if (level === undefined || this.#machine.troubles.has("plugRefused"))
          throw new MinerError("GPIO_FAILED", { line: name });
        return level;
      });
    return Promise.resolve({ name, read, close: closed });
  }

  async openOutput(_line: Line, initial: Level | "asIs"): Promise<GpioOutput> {
    const name = "psu-enable";
    const machine = this.#machine;
    const write = (level: Level): Promise<void> =>
      this.#clock.outside(() => {
        if (machine.drive(level)) return undefined;
        if (machine.troubles.has("enableHangs")) return new Promise(() => undefined);
        throw new MinerError("GPIO_FAILED", { line: name });
      });
    if (initial === "asIs") machine.keepLine();
    else if (machine.troubles.has("enableHangs"))
      throw new MinerError("GPIO_UNAVAILABLE", { line: name });
    else await write(initial);
    return { name, write, close: closed, native: { path: name } };
  }

  openNativeOutput(line: Line, initial: Level | "asIs"): Promise<NativeLine> {
    const path = "file" in line ? line.file : "";
    return this.#clock.outside(() => {
      const chips = this.#machine.chips[Number(/\d+/.exec(path)?.[0])];
      if (initial !== "asIs") chips?.setReset(initial === 0);
      return { path };
    });
  }

  openPwm(group: FanGroup): Promise<PwmOutput> {
    const { name, periodNs, inverted = false } = group;
    const output = "virtual" in group.pwm ? group.pwm.virtual : "";
    const { body, troubles } = this.#machine;
    const act = <Result>(action: () => Result): Promise<Result> =>
      this.#clock.outside(() => {
        if (troubles.has("pwmRefused")) throw new MinerError("PWM_FAILED", { group: name });
        // Fans turned as they did until now.
        body.step();
        return action();
      });
    return Promise.resolve({
      name,
      setDutyPct: (wantedPct) =>
        act(() => {
          body.lines.setPwm(output, periodNs, pulseNs(name, wantedPct, periodNs, inverted));
        }),
      readDutyPct: () =>
        act(() => dutyPct(body.lines.getPwm(output)?.dutyNs ?? 0, periodNs, inverted)),
      close: closed,
    });
  }

  openTach({ fan, tach, pulsesPerTurn }: FanTach): Promise<Tach> {
    const line = "virtual" in tach ? tach.virtual : "";
    const { body, troubles } = this.#machine;
    const readRpm = (): Promise<number> =>
      this.#clock.outside(() => {
        if (troubles.has("tachRefused")) throw new MinerError("TACH_FAILED", { fan });
        body.step();
        const periodNs = body.lines.readTach(line) ?? null;
        return periodNs === null ? 0 : rpmOf(periodNs, pulsesPerTurn);
      });
    return Promise.resolve({ name: line, readRpm, close: closed });
  }

  openWatchdog(): Promise<Watchdog> {
    return Promise.reject(new MinerError("WATCHDOG_UNAVAILABLE", {}));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #adapter(name: string, bus: VirtualBus): I2cAdapter {
    const failed = (error: string): MinerError =>
      new MinerError(error === "stuck" ? "I2C_BUS_STUCK" : "I2C_NACK", { bus: name });
    return {
      transfer: (address, write, read) =>
        this.#clock.outside(async () => {
          const outcome = await bus.transfer({ address, write, read });
          if (!outcome.ok) throw failed(outcome.error);
          return outcome.read;
        }),
      recover: () =>
        this.#clock.outside(async () => {
          if (!(await bus.recover())) throw failed("stuck");
        }),
      close: closed,
    };
  }
}

function closed(): Promise<void> {
  return Promise.resolve();
}
