import { MinerError } from "../../../lib/errors.js";
import {
  checkParameters,
  describeTable,
  findInTable,
  type FaultDescription,
  type FaultParameters,
} from "../../fault-parameters.js";
import { GOOD_FAN } from "../fan.js";
import { BOARD_FAULTS } from "./board-faults.js";
import { GOOD_BOARD, NO_BODY_EFFECTS, type BodyEffects } from "./body-effects.js";
import type { BodyFaultTable } from "./body-fault.js";
import { OTHER_FAULTS } from "./other-faults.js";
import { SUPPLY_FAULTS } from "./supply-faults.js";

/** Every fault of the body by name. */
export const BODY_FAULTS: BodyFaultTable = { ...SUPPLY_FAULTS, ...BOARD_FAULTS, ...OTHER_FAULTS };

export interface ActiveBodyFault {
  readonly name: string;
  /** The slot that it strikes. */
  readonly chain?: number;
  readonly parameters: FaultParameters;
}

/** What `list` says about the faults of the body. */
export function describeBodyFaults(): readonly ({ readonly name: string } & FaultDescription)[] {
  return describeTable(BODY_FAULTS);
}

/** The faults that a body has at the moment. */
export class BodyFaultSet {
  readonly #boards: number;
  readonly #slots: number;
  readonly #fans: number;
  readonly #active = new Map<string, ActiveBodyFault>();

  constructor(boards: number, slots: number, fans: number) {
    this.#boards = boards;
    this.#slots = slots;
    this.#fans = fans;
  }

  get active(): readonly ActiveBodyFault[] {
    return [...this.#active.values()];
  }

  /**
   * @param chain slot of a fault of a board; all slots with a board when left out
   * @throws MinerError VIRTUAL_FAULT_UNKNOWN, VIRTUAL_REQUEST_INVALID
   */
  set(name: string, chain: number | undefined, given: Readonly<Record<string, unknown>>): void {
    const fault = findInTable(BODY_FAULTS, name);
    const parameters = checkParameters(fault, given);
    if (chain !== undefined && fault.strikes !== "board")
      throw new MinerError("VIRTUAL_REQUEST_INVALID", {
        parameter: "chain",
        expected: `none: ${name} strikes ${fault.strikes === "fan" ? "fans" : "the machine"}`,
      });
    if (chain !== undefined && !(Number.isInteger(chain) && chain >= 0 && chain < this.#slots))
      throw new MinerError("VIRTUAL_REQUEST_INVALID", {
        parameter: "chain",
        value: chain,
        expected: `0..${String(this.#slots - 1)}`,
      });
    const slots = chain === undefined ? Array.from({ length: this.#boards }).keys() : [chain];
    if (fault.strikes === "board")
      for (const slot of slots) this.#keep({ name, chain: slot, parameters });
    else this.#keep({ name, parameters });
  }

  /** Takes away what has this name and strikes this slot; whatever is left out fits all. */
  clear(name: string | undefined, chain: number | undefined): void {
    for (const [key, fault] of this.#active) {
      const isMeant =
        (name === undefined || fault.name === name) &&
        (chain === undefined || fault.chain === chain);
      if (isMeant) this.#active.delete(key);
    }
  }

  effects(): BodyEffects {
    let effects = NO_BODY_EFFECTS;
    for (const active of this.#active.values())
      effects = { ...effects, ...this.#changes(effects, active) };
    return effects;
  }

  #changes(
    before: BodyEffects,
    { name, chain, parameters }: ActiveBodyFault,
  ): Partial<BodyEffects> {
    const fault = findInTable(BODY_FAULTS, name);
    switch (fault.strikes) {
      case "machine":
        return fault.apply(before, parameters);
      case "board": {
        const slot = chain ?? 0;
        const board = before.boards.get(slot) ?? GOOD_BOARD;
        const changed = { ...board, ...fault.apply(board, parameters) };
        return { boards: new Map([...before.boards, [slot, changed]]) };
      }
      case "fan": {
        const fans = new Map(before.fans);
        for (const number of this.#fansOf(Number(parameters["fan"]))) {
          const fan = fans.get(number) ?? GOOD_FAN;
          fans.set(number, { ...fan, ...fault.apply(fan, parameters) });
        }
        return { fans };
      }
    }
  }

  #fansOf(number: number): readonly number[] {
    return number > 0 ? [number] : Array.from({ length: this.#fans }, (_, index) => index + 1);
  }

  /** Faults of several sensors, fans or buses stand side by side; any other replaces one of its name. */
  #keep(fault: ActiveBodyFault): void {
    const { name, chain, parameters } = fault;
    const key = [name, chain, parameters["sensor"], parameters["fan"], parameters["bus"]].join(":");
    this.#active.set(key, fault);
  }
}
