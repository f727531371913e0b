import type { Fan } from "./fan.js";

export type Level = 0 | 1;

export interface ControlLinesOptions {
  readonly slots: number;
  readonly fans: readonly Fan[];
  readonly isPlugged: (slot: number) => boolean;
  readonly onReset: () => void;
}

interface PwmState {
  readonly periodNs: number;
  readonly dutyNs: number;
}

/** Outputs and the fans on them, as control-boards/virtual.yaml has it. */
const GROUPS: readonly { readonly output: string; readonly fans: readonly number[] }[] = [
  { output: "fan-front", fans: [1, 3] },
  { output: "fan-rear", fans: [2, 4] },
];
const LEDS = ["led-red", "led-green"];
/** Pulled up; a finger connects them to ground. */
const BUTTONS = ["button-ip-report"];

/** GPIO, PWM, tach and watchdog of the virtual control board. */
export class ControlLines {
  readonly #options: ControlLinesOptions;
  readonly #outputs = new Map<string, Level>(LEDS.map((name) => [name, 0]));
  readonly #pwm = new Map<string, PwmState>();
  readonly #pressed = new Set<string>();
  #watchdog: { readonly timeoutS: number; fedAtMs: number } | undefined;
  #bites = 0;

  constructor(options: ControlLinesOptions) {
    this.#options = options;
  }

  get watchdog(): { readonly timeoutS: number | null; readonly bites: number } {
    return { timeoutS: this.#watchdog?.timeoutS ?? null, bites: this.#bites };
  }

  get levels(): Readonly<Record<string, Level>> {
    return Object.fromEntries(this.#outputs);
  }

  /** Undefined: no such line. */
  read(line: string): Level | undefined {
    const slot = /^plug-(\d+)$/.exec(line)?.[1];
    if (slot !== undefined && Number(slot) < this.#options.slots)
      return this.#options.isPlugged(Number(slot)) ? 1 : 0;
    if (BUTTONS.includes(line)) return this.#pressed.has(line) ? 0 : 1;
    return this.#outputs.get(line);
  }

  /** False: no such output. */
  write(line: string, level: Level): boolean {
    if (!this.#outputs.has(line)) return false;
    this.#outputs.set(line, level);
    return true;
  }

  /** False: no such button. */
  press(button: string, isPressed: boolean): boolean {
    if (!BUTTONS.includes(button)) return false;
    if (isPressed) this.#pressed.add(button);
    else this.#pressed.delete(button);
    return true;
  }

  /** False: no such output, or a pulse longer than its period. */
  setPwm(output: string, periodNs: number, dutyNs: number): boolean {
    const group = GROUPS.find((each) => each.output === output);
    if (group === undefined || !(periodNs > 0) || !(dutyNs >= 0) || dutyNs > periodNs) return false;
    this.#pwm.set(output, { periodNs, dutyNs });
    for (const number of group.fans) this.#options.fans[number - 1]?.setDuty(dutyNs / periodNs);
    return true;
  }

  /** As a fresh kernel has it until somebody sets it: all zero, while the open line makes the fans run at full speed. */
  getPwm(output: string): PwmState | undefined {
    if (!GROUPS.some((group) => group.output === output)) return undefined;
    return this.#pwm.get(output) ?? { periodNs: 0, dutyNs: 0 };
  }

  /** Time of one pulse; null: no pulse. Undefined: no such tach. */
  readTach(tach: string): number | null | undefined {
    const number = /^fan-(\d)$/.exec(tach)?.[1];
    const isKnown =
      number !== undefined && GROUPS.some(({ fans }) => fans.includes(Number(number)));
    if (!isKnown) return undefined;
    return this.#options.fans[Number(number) - 1]?.tachPeriodNs ?? null;
  }

  openWatchdog(timeoutS: number, nowMs: number): boolean {
    if (!(timeoutS > 0)) return false;
    this.#watchdog = { timeoutS, fedAtMs: nowMs };
    return true;
  }

  /** False: it is not open. */
  feedWatchdog(nowMs: number): boolean {
    if (this.#watchdog === undefined) return false;
    this.#watchdog.fedAtMs = nowMs;
    return true;
  }

  closeWatchdog(): void {
    this.#watchdog = undefined;
  }

  /** The control board starts anew: its outputs fall back to what they are at a start. */
  reset(): void {
    this.#watchdog = undefined;
    this.#pwm.clear();
    for (const fan of this.#options.fans) fan.setDuty(1);
    for (const name of LEDS) this.#outputs.set(name, 0);
    this.#options.onReset();
  }

  /** A watchdog that was not fed resets the control board. */
  step(nowMs: number): void {
    const watchdog = this.#watchdog;
    if (watchdog === undefined || nowMs - watchdog.fedAtMs <= watchdog.timeoutS * 1000) return;
    this.#bites++;
    this.reset();
  }
}
