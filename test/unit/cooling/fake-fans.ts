import type { PwmOutput, Tach } from "../../../src/hal/fan-hardware.js";
import { MinerError } from "../../../src/lib/errors.js";

export class FakePwm implements PwmOutput {
  readonly name: string;
  dutyPct = 0;
  /** So many of the next settings fail. */
  failures = 0;

  constructor(name: string) {
    this.name = name;
  }

  setDutyPct(dutyPct: number): Promise<void> {
    this.failures -= 1;
    if (this.failures >= 0) return Promise.reject(new MinerError("PWM_FAILED", {}));
    this.dutyPct = dutyPct;
    return Promise.resolve();
  }

  readDutyPct(): Promise<number> {
    return Promise.resolve(this.dutyPct);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export class FakeTach implements Tach {
  readonly name: string;
  /** At full duty. */
  rpm: number | "fails" | "hangs";
  /** The duty that its fan turns by; at full speed without one. */
  follows: FakePwm | undefined;

  constructor(name: string, rpm: number) {
    this.name = name;
    this.rpm = rpm;
  }

  readRpm(): Promise<number> {
    if (this.rpm === "hangs") return new Promise(() => undefined);
    if (this.rpm === "fails") return Promise.reject(new MinerError("TACH_FAILED", {}));
    return Promise.resolve(this.rpm * ((this.follows?.dutyPct ?? 100) / 100) ** 0.58);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
