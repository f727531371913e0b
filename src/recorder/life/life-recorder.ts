import type { MachineLifeOptions } from "../../app/life-cycle/machine-life-options.js";
import { MachineLife } from "../../app/life-cycle/machine-life.js";
import type { Clock } from "../../lib/clock.js";
import type { FlightLog } from "../flight-log.js";
import type { LifeEvent } from "./life-entry.js";
import { lifePlain } from "./life-plain.js";

type Call = (...args: unknown[]) => unknown;

/** What the life of the machine is asked, by name; the rest of it is only looked at. */
const ORDERS = ["start", "stop", "leave", "give", "retry", "curtail", "limitPower", "change"];
/** Whoever is given to these is told of something later. */
const LISTENED = ["onTrip", "onIsolate"];

/** Stands around the life of a machine and keeps whatever goes in and comes out. */
export class LifeRecorder {
  readonly #log: FlightLog;
  readonly #clock: Clock;
  readonly #seen = new Map<string, string>();
  #calls = 0;
  #turn = 0;
  #isInTurn = false;

  constructor(log: FlightLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** A life that is recorded. */
  life(options: MachineLifeOptions): MachineLife {
    const { hardware, team, orders, wiring, onPower, setPoints } = options;
    this.#add({
      ...{ what: "begin", setPoints: lifePlain(setPoints), hasWiring: wiring !== undefined },
    });
    const life = new MachineLife({
      ...options,
      hardware: this.#port("hardware", hardware),
      team: this.#port("team", team),
      orders: this.#port("orders", orders),
      ...(wiring && { wiring: this.#port("wiring", wiring) }),
      onPower: this.#call("onPower", onPower as Call),
    });
    life.states.events.on("entered", ({ is }) => {
      this.#add({ what: "state", state: is });
    });
    return this.#asked(life);
  }

  /** The life as others have it. */
  #asked(life: MachineLife): MachineLife {
    return new Proxy(life, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== "function") return value;
        const name = String(key);
        return (...args: unknown[]): unknown => {
          if (ORDERS.includes(name)) this.#add({ what: "order", name, args: args.map(lifePlain) });
          return (value as Call).apply(target, args);
        };
      },
    });
  }

  /** One of those that the life turns to. */
  #port<Port extends object>(port: string, target: Port): Port {
    return new Proxy(target, {
      get: (_, key) => {
        const name = `${port}.${String(key)}`;
        const value = this.#read(name, () => Reflect.get(target, key, target));
        if (typeof value === "function") return this.#call(name, (value as Call).bind(target));
        const isPart = typeof value === "object" && value !== null && !(value instanceof Error);
        return isPart ? this.#port(name, value) : value;
      },
    });
  }

  #read(name: string, read: () => unknown): unknown {
    try {
      const value = read();
      const isPlain = typeof value !== "object" || value === null || value instanceof Error;
      if (isPlain && typeof value !== "function") this.#looked(name, { value: lifePlain(value) });
      return value;
    } catch (error) {
      this.#looked(name, { failed: lifePlain(error) });
      throw error;
    }
  }

  #looked(name: string, outcome: object): void {
    const text = JSON.stringify(outcome);
    if (this.#seen.get(name) === text) return;
    this.#seen.set(name, text);
    this.#add({ what: "read", name, ...outcome });
  }

  #call(name: string, call: Call): Call {
    const hears = LISTENED.some((listened) => name.endsWith(`.${listened}`));
    return (...args) => {
      const id = (this.#calls += 1);
      this.#add({ what: "call", id, name, args: args.map(lifePlain) });
      const end = (isLater: boolean, outcome: object): void => {
        this.#add({ what: "end", id, isLater, ...outcome });
      };
      let value: unknown;
      try {
        value = call(...(hears ? args.map((heard) => this.#told(name, heard as Call)) : args));
      } catch (error) {
        end(false, { failed: lifePlain(error) });
        throw error;
      }
      if (value instanceof Promise)
        value.then(
          (later: unknown) => {
            end(true, { value: lifePlain(later) });
          },
          (error: unknown) => {
            end(true, { failed: lifePlain(error) });
          },
        );
      else if (value !== undefined && typeof value !== "function")
        end(false, { value: lifePlain(value) });
      return value;
    };
  }

  #told(name: string, listener: Call): Call {
    return (...args) => {
      this.#add({ what: "tell", name, args: args.map(lifePlain) });
      return listener(...args);
    };
  }

  #add(event: LifeEvent): void {
    this.#log.add({ kind: "life", atMs: this.#clock.nowMs(), turn: this.#turn, ...event });
    if (this.#isInTurn) return;
    this.#isInTurn = true;
    queueMicrotask(() => {
      this.#isInTurn = false;
      this.#turn += 1;
    });
  }
}
