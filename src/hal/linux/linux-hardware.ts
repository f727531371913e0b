import { join } from "node:path";
import type { Bus, FanGroup, FanTach, Line } from "../../boards/schema/control-board.js";
import { systemClock, type Clock } from "../../lib/clock.js";
import { isMinerError, MinerError } from "../../lib/errors.js";
import type { PwmOutput, Tach } from "../fan-hardware.js";
import type { GpioInput, GpioOutput, Level } from "../gpio.js";
import type {
  ControlBoardTemperature,
  Hardware,
  I2cBusRights,
  NativeLine,
  Watchdog,
} from "../hardware.js";
import type { I2cAdapter } from "../i2c-adapter.js";
import type { I2cBus } from "../i2c-bus.js";
import { LineFile } from "../line-file.js";
import { lineName } from "../line-name.js";
import type { NativeGpioAddon } from "../native-gpio.js";
import type { OffAction } from "../off-action.js";
import { openQueuedI2cBus } from "../queued-i2c-bus.js";
import { CaptureTach } from "./capture-tach.js";
import { deviceTreeModel } from "./device-tree.js";
import { DeviceWatchdog } from "./device-watchdog.js";
import { EdgeTach } from "./edge-tach.js";
import { GpioAccess } from "./gpio-access.js";
import { findGpioChips } from "./gpio-chips.js";
import { I2cDeviceAdapter, type OpenI2cLibraryBus } from "./i2c-device-adapter.js";
import type { WriteKernelFile } from "./kernel-file.js";
import { onLine } from "./line-error.js";
import type { LinuxPaths } from "./linux-paths.js";
import { SysfsLines, type OnoffLibrary } from "./sysfs-lines.js";
import { SysfsPwm } from "./sysfs-pwm.js";
import { hottestZone } from "./thermal-zones.js";
import { TwoLineAdapter } from "./two-line-adapter.js";

/** What reaches the kernel for us. */
export interface LinuxLibraries {
  readonly openI2cBus: OpenI2cLibraryBus;
  readonly onoff: OnoffLibrary;
  readonly addon: NativeGpioAddon;
  readonly write: WriteKernelFile;
  readonly mayWrite: (path: string) => boolean;
}

/** Why a part of the virtual machine cannot be opened here. */
const VIRTUAL = "of the virtual machine only";

/** The control board under a Linux kernel. */
export class LinuxHardware implements Hardware {
  readonly #paths: LinuxPaths;
  readonly #libraries: LinuxLibraries;
  readonly #clock: Clock;
  readonly #buses: I2cBus[] = [];
  #gpio: GpioAccess | undefined;

  constructor(paths: LinuxPaths, libraries: LinuxLibraries, clock: Clock = systemClock) {
    this.#paths = paths;
    this.#libraries = libraries;
    this.#clock = clock;
  }

  async deviceTreeModel(): Promise<string | undefined> {
    return Promise.resolve(deviceTreeModel(this.#paths.proc));
  }

  async openI2cBus(bus: Bus, rights: I2cBusRights = {}): Promise<I2cBus> {
    const { name, adapter } = await this.#openAdapter(bus);
    const opened = openQueuedI2cBus({ name, adapter, clock: this.#clock, ...rights }).bus;
    this.#buses.push(opened);
    return opened;
  }

  async openInput(line: Line): Promise<GpioInput> {
    return Promise.resolve(this.#lines().openInput(line));
  }

  async openOutput(line: Line, initial: Level | "asIs"): Promise<GpioOutput> {
    if ("file" in line) return Promise.resolve(this.#openFile(line.file, initial));
    return Promise.resolve(this.#lines().openOutput(line, initial));
  }

  async openNativeOutput(line: Line, initial: Level | "asIs"): Promise<NativeLine> {
    if (!("file" in line)) return Promise.resolve(this.#lines().openNativeOutput(line, initial));
    this.#openFile(line.file, initial);
    return Promise.resolve({ path: join(this.#paths.dev, line.file) });
  }

  writeAction(bus: Bus, address: number, bytes: Uint8Array): OffAction | undefined {
    // A bus on two lines is swung by a thread of this process.
    if (!("device" in bus)) return undefined;
    return { is: "i2c", device: join(this.#paths.dev, bus.device), address, bytes };
  }

  async openPwm(group: FanGroup): Promise<PwmOutput> {
    const { pwm } = group;
    if ("virtual" in pwm)
      throw new MinerError("PWM_UNAVAILABLE", { group: group.name, reason: VIRTUAL });
    return Promise.resolve(
      SysfsPwm.open(group, { ...pwm, sys: this.#paths.sys }, this.#libraries.write),
    );
  }

  async openTach(tach: FanTach): Promise<Tach> {
    const way = tach.tach;
    const { sys } = this.#paths;
    if ("capture" in way)
      return Promise.resolve(
        CaptureTach.open(
          tach,
          { sys, chip: way.capture, channel: way.channel },
          { clock: this.#clock, write: this.#libraries.write },
        ),
      );
    if ("virtual" in way)
      throw new MinerError("TACH_UNAVAILABLE", { fan: tach.fan, reason: VIRTUAL });
    return Promise.resolve(this.#openEdgeTach(tach, way.edges));
  }

  async openWatchdog(device: string, timeoutS: number): Promise<Watchdog> {
    const path = join(this.#paths.dev, device);
    return Promise.resolve(DeviceWatchdog.open(path, timeoutS, this.#libraries.addon));
  }

  controlBoardTemperature(): Promise<ControlBoardTemperature | undefined> {
    return Promise.resolve(hottestZone(this.#paths.sys));
  }

  async close(): Promise<void> {
    await Promise.all(this.#buses.map((bus) => bus.close()));
    this.#gpio?.close();
  }

  async #openAdapter(bus: Bus): Promise<{ name: string; adapter: I2cAdapter }> {
    if ("device" in bus) {
      const name = bus.device;
      const { openI2cBus } = this.#libraries;
      return { name, adapter: await I2cDeviceAdapter.open(name, this.#paths.dev, openI2cBus) };
    }
    if ("virtual" in bus)
      throw new MinerError("I2C_UNAVAILABLE", { bus: bus.virtual, reason: VIRTUAL });
    const name = `${lineName(bus.scl)}+${lineName(bus.sda)}`;
    const native = onLine("GPIO_UNAVAILABLE", name, () =>
      this.#lines().openTwoLineBus(bus.scl, bus.sda),
    );
    return { name, adapter: new TwoLineAdapter(name, native) };
  }

  #openEdgeTach(tach: FanTach, line: Line): EdgeTach {
    try {
      return new EdgeTach(tach, this.#lines().openEdges(line));
    } catch (cause) {
      if (!isMinerError(cause)) throw cause;
      throw new MinerError("TACH_UNAVAILABLE", { fan: tach.fan, ...cause.context }, { cause });
    }
  }

  #openFile(file: string, initial: Level | "asIs"): LineFile {
    return LineFile.open(file, join(this.#paths.dev, file), initial);
  }

  /** The chips are looked for when the first line is wanted. */
  #lines(): GpioAccess {
    if (this.#gpio !== undefined) return this.#gpio;
    const { addon, onoff, write, mayWrite } = this.#libraries;
    const chips = findGpioChips(this.#paths, (device) => addon.readGpioChip(device));
    // Whoever is not root is given character devices; files of lines come with the export, and are root's.
    const isOurs = onoff.accessible && mayWrite(join(this.#paths.sys, "class", "gpio", "export"));
    const sysfs = isOurs ? new SysfsLines(this.#paths.sys, onoff, write) : undefined;
    this.#gpio = new GpioAccess({ chips, sysfs, addon, clock: this.#clock });
    return this.#gpio;
  }
}
