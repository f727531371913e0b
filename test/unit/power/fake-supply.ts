import type {
  PowerSupply,
  PsuIdentity,
  PsuTemperature,
  VoltageRequest,
} from "../../../src/drivers/power-supply.js";
import type { Clock } from "../../../src/lib/clock.js";
import { MinerError } from "../../../src/lib/errors.js";

/** A supply steps its output by so much. Documented: type 71, 1 / 78.742588 V. */
const STEP_MV = 12.7;
/** One round on the bus of a real supply. Captured: S19 Pro. */
const ROUND_MS = 2000;

export type RequestTrouble =
  /** As real ones do: an error is answered, and the voltage is there. */
  | "refusesAndApplies"
  | "echoesAndIgnores"
  | "silent"
  /** Applied, but another voltage. */
  | "appliesMore";

/** A supply with a data line whose rounds take their time, and an output that somebody else switches. */
export class FakeSupply implements PowerSupply {
  identity: PsuIdentity = {
    ...{ supply: "apw12", typeCode: 0x75, firmware: 1, serial: null },
    ...{ calibration: "formula", calibrationDate: null },
  };
  readonly rangeMv = { min: 12_000, max: 15_000 };
  readonly #clock: Clock;
  setpointMv = 12_000;
  isOn = false;
  /** Of the output while it is on; what it is set to when undefined. */
  onMv: number | undefined;
  /** What is left in the rail while it is off. */
  leftMv = 0;
  /** What happens to the next requests. */
  readonly requestTroubles: RequestTrouble[] = [];
  /** What the next readings of the setpoint do instead of telling it. */
  readonly setpointTroubles: ("silent" | "lies")[] = [];
  /** The data line is dead. */
  isSilent = false;
  /** What the supply makes more than the formula of its type says; the supply itself knows. */
  makesMoreMv = 0;
  #calibrationMv = 0;
  readonly requested: number[] = [];
  readonly asked: string[] = [];
  readonly setOutput = undefined;
  readonly readStatus = undefined;
  readPowerW: (() => Promise<number>) | undefined = undefined;
  readTemperaturesC: (() => Promise<readonly PsuTemperature[]>) | undefined = undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async requestVoltage(railMv: number): Promise<VoltageRequest> {
    await this.#round("set");
    this.requested.push(railMv);
    const near = Math.round(Math.round((railMv - this.#calibrationMv) / STEP_MV) * STEP_MV);
    const trouble = this.requestTroubles.shift();
    if (trouble === "silent") throw new MinerError("PSU_NO_ANSWER", {});
    if (trouble !== "echoesAndIgnores")
      this.setpointMv = trouble === "appliesMore" ? near + 1000 : near;
    if (trouble === "refusesAndApplies") throw new MinerError("PSU_NO_ANSWER", { reason: "F5" });
    return { railMv: near + this.#calibrationMv, isEchoed: true };
  }

  readSetpointMv: (() => Promise<number>) | undefined = async () => {
    await this.#round("setpoint");
    const trouble = this.setpointTroubles.shift();
    if (trouble === "silent") throw new MinerError("PSU_NO_ANSWER", {});
    const setpointMv = this.setpointMv + this.#calibrationMv;
    return trouble === "lies" ? setpointMv + 500 : setpointMv;
  };

  readOutputMv: (() => Promise<number>) | undefined = async () => {
    await this.#round("output");
    return this.isOn ? (this.onMv ?? this.setpointMv + this.makesMoreMv) : this.leftMv;
  };

  readCalibration: (() => Promise<void>) | undefined = async () => {
    await this.#round("calibration");
    this.#calibrationMv = this.makesMoreMv;
    this.identity = { ...this.identity, calibration: "block" };
  };

  readIsOn: (() => Promise<boolean>) | undefined = async () => {
    await this.#round("isOn");
    return this.isOn;
  };

  setWatchdog: ((isOn: boolean) => Promise<void>) | undefined = async (isOn) => {
    await this.#round(`watchdog ${isOn ? "on" : "off"}`);
  };

  /** As types that tell nothing of their output. */
  measureNothing(): this {
    this.readOutputMv = undefined;
    this.readIsOn = undefined;
    return this;
  }

  async #round(what: string): Promise<void> {
    this.asked.push(what);
    await this.#clock.sleep(ROUND_MS);
    if (this.isSilent) throw new MinerError("PSU_NO_ANSWER", {});
  }
}
