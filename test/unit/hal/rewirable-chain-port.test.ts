import { deepEqual, equal } from "node:assert/strict";
import type { ChainPortEvents } from "../../../src/hal/chain-port.js";
import { RewirableChainPort, type WirePort } from "../../../src/hal/rewirable-chain-port.js";
import { TypedEmitter } from "../../../src/lib/events.js";

/** A wire that notes what reaches it. */
class FakeWire {
  readonly name = "chain0";
  readonly events = new TypedEmitter<ChainPortEvents>();
  readonly #tty: string;
  readonly #log: string[];

  constructor(tty: string, log: string[]) {
    this.#tty = tty;
    this.#log = log;
  }

  open(): void {
    this.#log.push(`${this.#tty} open`);
  }

  setReset(asserted: boolean): Promise<void> {
    this.#log.push(`${this.#tty} reset ${asserted}`);
    return Promise.resolve();
  }

  setBaud(baud: number, settleMs?: number): Promise<void> {
    this.#log.push(`${this.#tty} baud ${baud} ${settleMs}`);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#log.push(`${this.#tty} close`);
    return Promise.resolve();
  }
}

describe("a chain whose wire changes", () => {
  let log: string[];
  let wires: Map<string, FakeWire>;
  let port: RewirableChainPort;

  beforeEach(() => {
    log = [];
    wires = new Map();
    port = new RewirableChainPort("a", (tty) => {
      const wire = new FakeWire(tty, log);
      wires.set(tty, wire);
      return wire as unknown as WirePort;
    });
  });

  it("speaks on the wire that it has, and keeps its name", async () => {
    equal(port.name, "chain0");
    port.open();
    await port.setReset(true);
    await port.close();
    port.wireTo("b");
    equal(port.tty, "b");
    port.open();
    await port.setBaud(115_200, 3);
    deepEqual(log, ["a open", "a reset true", "a close", "b open", "b baud 115200 3"]);
  });

  it("passes every event on, of the wire that it has and of no other", () => {
    const heard: string[] = [];
    for (const name of ["linkDown", "linkUp", "deadMan"] as const)
      port.events.on(name, () => heard.push(name));
    port.events.on("nonces", (records) => heard.push(`nonces ${records.length}`));
    port.events.on("strayRegister", ({ value }) => heard.push(`stray ${value}`));
    port.events.on("wire", (bursts) => heard.push(`wire ${bursts.length}`));
    const tell = (tty: string): void => {
      const events = wires.get(tty)!.events;
      for (const name of ["linkDown", "linkUp", "deadMan"] as const) events.emit(name);
      events.emit("nonces", []);
      events.emit("strayRegister", { chipAddress: 0, register: 0, value: 7, atUs: 0 });
      events.emit("wire", []);
    };
    const all = ["linkDown", "linkUp", "deadMan", "nonces 0", "stray 7", "wire 0"];
    tell("a");
    deepEqual(heard.splice(0), all);
    port.wireTo("b");
    tell("a");
    deepEqual(heard.splice(0), []);
    tell("b");
    deepEqual(heard, all);
  });
});
