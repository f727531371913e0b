import type { FanGroup, FanTach } from "../../boards/schema/control-board.js";
import { MinerError, type ErrorCode } from "../../lib/errors.js";
import type { PwmOutput, Tach } from "../fan-hardware.js";
import { dutyPct, pulseNs, rpmOf } from "../fan-signal.js";
import type { VirtualReply, VirtualRequest, VirtualSocket } from "./virtual-socket.js";

/** The duty of one group of virtual fans. */
export class VirtualPwm implements PwmOutput {
  readonly name: string;
  readonly #output: string;
  readonly #group: FanGroup;
  readonly #socket: VirtualSocket;

  constructor(group: FanGroup, output: string, socket: VirtualSocket) {
    this.name = group.name;
    this.#group = group;
    this.#output = output;
    this.#socket = socket;
  }

  /** @throws PWM_UNAVAILABLE */
  static async open(group: FanGroup, output: string, socket: VirtualSocket): Promise<VirtualPwm> {
    const pwm = new VirtualPwm(group, output, socket);
    await pwm.#ask({ do: "pwmGet", output }, "PWM_UNAVAILABLE");
    return pwm;
  }

  async setDutyPct(wantedPct: number): Promise<void> {
    const { name, periodNs, inverted = false } = this.#group;
    const dutyNs = pulseNs(name, wantedPct, periodNs, inverted);
    await this.#ask({ do: "pwmSet", output: this.#output, periodNs, dutyNs }, "PWM_FAILED");
  }

  async readDutyPct(): Promise<number> {
    const reply = await this.#ask({ do: "pwmGet", output: this.#output }, "PWM_FAILED");
    const { periodNs, dutyNs } = reply;
    if (typeof periodNs !== "number" || typeof dutyNs !== "number" || periodNs <= 0)
      throw new MinerError("PWM_FAILED", { group: this.name, reason: "no period" });
    return dutyPct(dutyNs, periodNs, this.#group.inverted ?? false);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #ask(request: VirtualRequest, code: ErrorCode): Promise<VirtualReply & { ok: true }> {
    const reply = await this.#socket.ask(request);
    if (!reply.ok) throw new MinerError(code, { group: this.name, reason: reply.error });
    return reply;
  }
}

/** The speed of one virtual fan. */
export class VirtualTach implements Tach {
  readonly name: string;
  readonly #line: string;
  readonly #pulsesPerTurn: number;
  readonly #socket: VirtualSocket;

  constructor(tach: FanTach, line: string, socket: VirtualSocket) {
    this.name = `fan ${String(tach.fan)}`;
    this.#line = line;
    this.#pulsesPerTurn = tach.pulsesPerTurn;
    this.#socket = socket;
  }

  /** @throws TACH_UNAVAILABLE */
  static async open(tach: FanTach, line: string, socket: VirtualSocket): Promise<VirtualTach> {
    const opened = new VirtualTach(tach, line, socket);
    await opened.#read("TACH_UNAVAILABLE");
    return opened;
  }

  readRpm(): Promise<number> {
    return this.#read("TACH_FAILED");
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #read(code: ErrorCode): Promise<number> {
    const reply = await this.#socket.ask({ do: "tachRead", tach: this.#line });
    if (!reply.ok) throw new MinerError(code, { tach: this.name, reason: reply.error });
    const { periodNs } = reply;
    if (periodNs === null) return 0;
    if (typeof periodNs !== "number" || periodNs <= 0)
      throw new MinerError(code, { tach: this.name, reason: "no period" });
    return rpmOf(periodNs, this.#pulsesPerTurn);
  }
}
