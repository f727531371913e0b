import { join } from "node:path";
import type { Bus, FanGroup, FanTach, Line } from "../../boards/schema/control-board.js";
import { toHex } from "../../lib/bytes.js";
import { systemClock, type Clock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import type { PwmOutput, Tach } from "../fan-hardware.js";
import type { GpioInput, GpioOutput, Level } from "../gpio.js";
import type {
  ControlBoardTemperature,
  Hardware,
  I2cBusRights,
  NativeLine,
  Watchdog,
} from "../hardware.js";
import type { I2cBus } from "../i2c-bus.js";
import { LineFile } from "../line-file.js";
import { lineName } from "../line-name.js";
import type { OffAction } from "../off-action.js";
import { openQueuedI2cBus } from "../queued-i2c-bus.js";
import { VirtualPwm, VirtualTach } from "./virtual-fans.js";
import { VirtualI2cAdapter } from "./virtual-i2c-adapter.js";
import { VirtualInput, VirtualOutput } from "./virtual-lines.js";
import { VirtualSocket } from "./virtual-socket.js";
import { VirtualWatchdog } from "./virtual-watchdog.js";

/** In the folder where the virtual machine listens. */
const SOCKET_FILE = "hardware.sock";
/** Why a part of another kind cannot be opened here. */
const METAL = "not of the virtual machine";

/** What the virtual machine serves beside its chains. */
export class VirtualHardware implements Hardware {
  readonly #deviceDir: string;
  readonly #clock: Clock;
  readonly #socket: VirtualSocket;

  constructor(deviceDir: string, clock: Clock = systemClock) {
    this.#deviceDir = deviceDir;
    this.#clock = clock;
    this.#socket = new VirtualSocket(join(deviceDir, SOCKET_FILE), clock);
  }

  async deviceTreeModel(): Promise<string | undefined> {
    const reply = await this.#socket.ask({ do: "deviceTree" });
    return reply.ok && typeof reply["model"] === "string" ? reply["model"] : undefined;
  }

  async openI2cBus(bus: Bus, rights: I2cBusRights = {}): Promise<I2cBus> {
    if (!("virtual" in bus)) throw new MinerError("I2C_UNAVAILABLE", { reason: METAL });
    const name = bus.virtual;
    const adapter = await VirtualI2cAdapter.open(name, this.#socket);
    return openQueuedI2cBus({ name, adapter, clock: this.#clock, ...rights }).bus;
  }

  openInput(line: Line): Promise<GpioInput> {
    if ("virtual" in line) return VirtualInput.open(line.virtual, this.#socket);
    return Promise.reject(unavailable(line, "no input of the virtual machine"));
  }

  openOutput(line: Line, initial: Level | "asIs"): Promise<GpioOutput> {
    if ("virtual" in line) return VirtualOutput.open(line.virtual, this.#socket, initial);
    return this.#openFile(line, initial);
  }

  async openNativeOutput(line: Line, initial: Level | "asIs"): Promise<NativeLine> {
    await this.#openFile(line, initial);
    return { path: join(this.#deviceDir, lineName(line)) };
  }

  writeAction(bus: Bus, address: number, bytes: Uint8Array): OffAction | undefined {
    if (!("virtual" in bus)) return undefined;
    const transfer = { bus: bus.virtual, address, write: toHex(bytes), read: 0 };
    const request = { id: 1, do: "i2c", ...transfer };
    return { is: "request", socket: join(this.#deviceDir, SOCKET_FILE), request };
  }

  async openPwm(group: FanGroup): Promise<PwmOutput> {
    if (!("virtual" in group.pwm))
      throw new MinerError("PWM_UNAVAILABLE", { group: group.name, reason: METAL });
    return VirtualPwm.open(group, group.pwm.virtual, this.#socket);
  }

  async openTach(tach: FanTach): Promise<Tach> {
    if (!("virtual" in tach.tach))
      throw new MinerError("TACH_UNAVAILABLE", { fan: tach.fan, reason: METAL });
    return VirtualTach.open(tach, tach.tach.virtual, this.#socket);
  }

  openWatchdog(_device: string, timeoutS: number): Promise<Watchdog> {
    return VirtualWatchdog.open(timeoutS, this.#socket);
  }

  async controlBoardTemperature(): Promise<ControlBoardTemperature | undefined> {
    const reply = await this.#socket.ask({ do: "controlBoardTemperature" });
    const tempC = reply.ok ? reply["tempC"] : undefined;
    return typeof tempC === "number" ? { place: "virtual", tempC } : undefined;
  }

  close(): Promise<void> {
    this.#socket.close();
    return Promise.resolve();
  }

  async #openFile(line: Line, initial: Level | "asIs"): Promise<LineFile> {
    if (!("file" in line)) throw unavailable(line, METAL);
    return Promise.resolve(LineFile.open(line.file, join(this.#deviceDir, line.file), initial));
  }
}

function unavailable(line: Line, reason: string): MinerError {
  return new MinerError("GPIO_UNAVAILABLE", { line: lineName(line), reason });
}
