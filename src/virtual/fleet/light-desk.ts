import type { MqttServiceOptions } from "../../api/mqtt/mqtt-service.js";
import type { OrderName } from "../../telemetry/machine-snapshot.js";
import type { LightJournal } from "./light-journal.js";
import type { LightMachine } from "./light-machine.js";

type Give = MqttServiceOptions["desk"]["give"];
type Request = Parameters<Give>[0];
type Answer = Awaited<ReturnType<Give>>;

const ORDERS: Readonly<Record<string, OrderName>> = {
  "machine.pause": "paused",
  "machine.resume": "mine",
  "machine.sleep": "asleep",
  "machine.wake": "mine",
  "machine.curtail": "curtailed",
};

/** What leads from one order to another. */
const WAYS_OUT: Readonly<Record<OrderName, readonly string[]>> = {
  mine: ["machine.pause", "machine.sleep", "machine.curtail"],
  paused: ["machine.resume", "machine.sleep", "machine.curtail"],
  asleep: ["machine.wake", "machine.curtail"],
  curtailed: ["machine.resume"],
};

/** Takes the orders that a light machine can obey, and refuses all others by name. */
export class LightDesk {
  readonly #machine: LightMachine;
  readonly #journal: LightJournal;

  constructor(machine: LightMachine, journal: LightJournal) {
    this.#machine = machine;
    this.#journal = journal;
  }

  readonly give: Give = async (request) => {
    const answer = await this.#give(request);
    const { name, by, id } = request;
    const code = answer.is === "refused" ? answer.code : null;
    const result = answer.is === "refused" ? "refused" : "done";
    this.#journal.add("command", name, code, { commandId: id, by: `mqtt ${by.who}`, result });
    return answer;
  };

  async #give({ id, name, params }: Request): Promise<Answer> {
    const machine = this.#machine;
    const order = ORDERS[name];
    if (order === undefined || Object.keys(params ?? {}).length > 0) {
      const context = { method: name, expected: Object.keys(ORDERS).join(", ") };
      return { id, is: "refused", code: "CONTROL_REFUSED", context };
    }
    const { state, order: before } = machine;
    const isChange = WAYS_OUT[before].includes(name);
    if (!isChange && before !== order) {
      const context = {
        command: name,
        state,
        order: before,
        possible: WAYS_OUT[before].join(", "),
      };
      return { id, is: "refused", code: "COMMAND_REFUSED", context };
    }
    if (isChange && order === "curtailed") await machine.curtail();
    else if (isChange && order !== "curtailed") machine.obey(order);
    const done = { order, state, isUnchanged: !isChange, isKept: true };
    const { curtailment } = machine;
    const receipt = order === "curtailed" &&
      curtailment !== null && { ...curtailment, isKept: true };
    return { id, is: "done", result: { ...done, ...(receipt && { receipt }) } };
  }
}
