import type { Sensor } from "../../../../src/boards/schema/hashboard.js";
import type { BoardController } from "../../../../src/drivers/board-controller.js";
import type { EepromContent, HashboardIdentity } from "../../../../src/drivers/hashboard-eeprom.js";
import type { PowerSupply } from "../../../../src/drivers/power-supply.js";
import type { TemperatureSensor } from "../../../../src/drivers/temperature-sensor.js";
import type { GpioInput, GpioOutput, Level } from "../../../../src/hal/gpio.js";
import type { Hardware, NativeLine } from "../../../../src/hal/hardware.js";
import type { I2cBus } from "../../../../src/hal/i2c-bus.js";
import type {
  FanController,
  FoundController,
  MachineParts,
} from "../../../../src/app/machine/parts.js";
import { MinerError } from "../../../../src/lib/errors.js";
import { FakePwm, FakeTach } from "../../cooling/fake-fans.js";

const IDENTITY: HashboardIdentity = {
  ...{ format: 5, serial: "SERIAL", chipMarking: "L1VM23BH71", chipDie: "ED" },
  ...{ chipTechnology: "", chipBin: 3, ftVersion: "F1V02B2C1", pcbVersion: 0x100 },
  ...{ bomVersion: 0, boardName: "BHB56902", factoryJob: null, voltageMv: 13_900, freqMHz: 645 },
  ...{ nonceRatePct: 99.9, pcbTempInC: 40, pcbTempOutC: 55, testVersion: 0, testStandard: 0 },
  ...{ controllerSensor: null, asicSensor: null, testResults: null },
};

/** What one sensor does when it is read. */
export type Reading = number | "silent" | "implausible" | "hangs" | "busStuck";

/** One slot of the fake machine. */
class FakeBoard {
  plug: Level | "fails" = 1;
  eeprom: EepromContent | "silent" | "unsteady";
  /** By place. */
  readonly temperatures: Record<string, Reading> = { inlet: 25, outlet: 27 };
  controller: FakeController | "silent" | "inLoader" | undefined;

  constructor(slot: number) {
    const identity = { ...IDENTITY, serial: `SERIAL${slot}` };
    this.eeprom = { is: "identity", identity, keyName: "test" };
  }

  /** As an empty slot. */
  remove(): void {
    this.plug = 0;
    this.eeprom = "silent";
    this.controller = undefined;
    for (const place of Object.keys(this.temperatures)) this.temperatures[place] = "silent";
  }

  setIdentity(changes: Partial<HashboardIdentity>): void {
    this.eeprom = { is: "identity", identity: { ...IDENTITY, ...changes }, keyName: "test" };
  }
}

export class FakeController implements BoardController {
  readonly kind = "framed";
  readonly heartbeatMs = 1000;
  readonly sensors = undefined;
  readonly readVoltageMv = undefined;
  isSilent = false;
  isStarted = false;
  /** Answers nothing but its start. */
  isInLoader = false;
  heartbeats = 0;
  readonly converter: boolean[] = [];

  async readVersion(): Promise<number> {
    return this.#answer(0x89);
  }

  async start(): Promise<number> {
    this.isStarted = true;
    if (!this.isSilent) this.isInLoader = false;
    return this.#answer(0x89);
  }

  async setConverter(isOn: boolean): Promise<void> {
    await this.#answer(0);
    this.converter.push(isOn);
  }

  async heartbeat(): Promise<void> {
    await this.#answer(0);
    this.heartbeats += 1;
  }

  #answer(value: number): Promise<number> {
    return this.isSilent || this.isInLoader
      ? Promise.reject(new MinerError("CONTROLLER_NO_ANSWER", {}))
      : Promise.resolve(value);
  }
}

/** A machine of fakes; everything that is driven is on record in `drives`, in its order. */
export class FakeParts implements MachineParts {
  readonly boards = [0, 1, 2].map((slot) => new FakeBoard(slot));
  readonly pwms = new Map<string, FakePwm>();
  readonly tachs = [1, 2, 3, 4].map((fan) => new FakeTach(`fan-${fan}`, 6500));
  readonly drives: string[] = [];
  supply: PowerSupply | MinerError;
  /** Called when the enable line moves. */
  onEnable: (isOn: boolean) => void = () => undefined;
  deviceTreeModel: string | undefined = "Headframe virtual machine";
  /** Undefined where the control board does not measure it. */
  controlBoardC: number | undefined;
  isClosed = false;
  probes = 0;
  /** The enable line, as a program before us left it; the level of off. */
  enableLevel: Level = 1;

  constructor(supply: PowerSupply | MinerError) {
    this.supply = supply;
  }

  openHardware(): Promise<Hardware> {
    return Promise.resolve({
      deviceTreeModel: () => Promise.resolve(this.deviceTreeModel),
      openI2cBus: () => Promise.resolve(fakeBus()),
      openInput: (line) => this.#openInput("virtual" in line ? line.virtual : ""),
      openOutput: (_line, initial) => this.#openEnable(initial),
      openNativeOutput: (line, initial) => {
        const name = "file" in line ? line.file : "";
        this.drives.push(`${name}=${initial}`);
        return Promise.resolve<NativeLine>({ path: name });
      },
      openPwm: ({ name }) => {
        const pwm = new FakePwm(name);
        this.pwms.set(name, pwm);
        const fans = name === "front" ? [0, 2] : [1, 3];
        for (const fan of fans) this.tachs[fan]!.follows = pwm;
        return Promise.resolve(pwm);
      },
      openTach: ({ fan }) => Promise.resolve(this.tachs[fan - 1]!),
      openWatchdog: () => Promise.reject(new MinerError("WATCHDOG_UNAVAILABLE", {})),
      controlBoardTemperature: () => {
        const tempC = this.controlBoardC;
        return Promise.resolve(tempC === undefined ? undefined : { place: "soc", tempC });
      },
      close: () => {
        this.isClosed = true;
        return Promise.resolve();
      },
    });
  }

  probeSupply(): Promise<PowerSupply> {
    this.probes += 1;
    return this.supply instanceof MinerError
      ? Promise.reject(this.supply)
      : Promise.resolve(this.supply);
  }

  async findController(
    _machine: unknown,
    _buses: unknown,
    slot: number,
    mayStart: boolean,
  ): Promise<FoundController | undefined> {
    const { controller } = this.boards[slot]!;
    if (controller === undefined) return undefined;
    if (controller === "silent") throw new MinerError("CONTROLLER_NO_ANSWER", {});
    if (controller === "inLoader") throw new MinerError("CONTROLLER_IN_LOADER", {});
    const version = mayStart ? await controller.start() : await controller.readVersion();
    return { controller, version };
  }

  openSensor(sensor: Sensor, _buses: unknown, slot: number): TemperatureSensor | undefined {
    if (sensor.at.bus === "chip") return undefined;
    const { part, place } = sensor;
    const board = this.boards[slot]!;
    const readTempC = (): Promise<number> => {
      const reading = board.temperatures[place]!;
      if (reading === "hangs") return new Promise(() => undefined);
      if (reading === "silent") return Promise.reject(new MinerError("I2C_NACK", {}));
      if (reading === "busStuck") return Promise.reject(new MinerError("I2C_BUS_STUCK", {}));
      if (reading === "implausible")
        return Promise.reject(new MinerError("SENSOR_IMPLAUSIBLE", {}));
      return Promise.resolve(reading);
    };
    return { part, place, readTempC };
  }

  readEeprom(_bus: unknown, address: number): Promise<EepromContent> {
    const { eeprom } = this.boards[address - 0x50]!;
    if (eeprom === "silent") return Promise.reject(new MinerError("EEPROM_SILENT", { address }));
    if (eeprom === "unsteady")
      return Promise.reject(new MinerError("EEPROM_UNKNOWN", { reason: "no two alike" }));
    return Promise.resolve(eeprom);
  }

  openFanController(): Promise<FanController> {
    const output = new FakePwm("emc2101");
    this.pwms.set("emc2101", output);
    this.tachs[0]!.follows = output;
    return Promise.resolve({ output, tach: this.tachs[0]! });
  }

  #openInput(name: string): Promise<GpioInput> {
    const { plug } = this.boards[Number(name.replace("plug-", ""))]!;
    const read = (): Promise<Level> =>
      plug === "fails" ? Promise.reject(new MinerError("GPIO_FAILED", {})) : Promise.resolve(plug);
    return Promise.resolve({ name, read, close: () => Promise.resolve() });
  }

  #openEnable(initial: Level | "asIs"): Promise<GpioOutput> {
    if (initial === "asIs") this.drives.push("enable=asIs");
    else this.#enable(initial);
    const write = (level: Level): Promise<void> => {
      this.#enable(level);
      return Promise.resolve();
    };
    return Promise.resolve({ name: "psu-enable", write, close: () => Promise.resolve() });
  }

  #enable(level: Level): void {
    this.drives.push(`enable=${level}`);
    this.enableLevel = level;
    this.onEnable(level === 0);
  }
}

function fakeBus(): I2cBus {
  const unused = (): Promise<never> => Promise.reject(new MinerError("I2C_NACK", {}));
  const bus = { name: "fake", write: unused, read: unused, readRegister: unused };
  return { ...bus, exclusively: (action) => action(bus), close: () => Promise.resolve() };
}
