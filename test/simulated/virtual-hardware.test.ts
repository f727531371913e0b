import { equal, ok } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JsonLineClient } from "../unit/virtual/hardware-client.js";
import { Program } from "./program.js";
import { measureFor, until } from "./until.js";
import { askVirtual } from "./virtual-control.js";

interface Truth {
  readonly inputW: number;
  readonly supply: { readonly railMv: number; readonly setpointCode: number | null };
  readonly boards: readonly {
    readonly railMv: number;
    readonly sensors: readonly { readonly place: string; readonly tempC: number }[];
    readonly controller: { readonly isConverterOn: boolean } | null;
  }[];
  readonly fans: readonly { readonly rpm: number }[];
}

/** `headframe virtual` with a plain client at its hardware socket. */
class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), "headframe-hardware-"));
  readonly #program: Program;
  #client: JsonLineClient | undefined;

  constructor(machine: string, ...flags: readonly string[]) {
    const listen = ["--listen", this.folder, "--json"];
    this.#program = new Program(["virtual", "--machine", machine, ...listen, ...flags]);
  }

  async start(): Promise<this> {
    await until(() => this.#program.stdout.includes("\n") || undefined, {
      what: "virtual machine is ready",
    });
    this.#client = await JsonLineClient.connect(join(this.folder, "hardware.sock"));
    return this;
  }

  async stop(): Promise<void> {
    this.#client?.close();
    await this.#program.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async ask(request: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    if (this.#client === undefined) throw new Error("not started");
    return { ...(await this.#client.ask(request)) };
  }

  /** Bytes that were read, hex; the error where there are none. */
  async i2c(bus: string, address: number, write: string, read: number): Promise<string> {
    const reply = await this.ask({ do: "i2c", bus, address, write, read });
    return String(reply["read"] ?? reply["error"]);
  }

  /** One command to the supply, byte by byte, and its reply. */
  async psu(request: string, replyLength: number): Promise<string> {
    for (const byte of request.match(/../g) ?? []) await this.i2c("psu", 0x10, `11${byte}`, 0);
    if (this.replyWaitMs > 0) await measureFor(this.replyWaitMs / 1000);
    let reply = "";
    while (reply.length < 2 * replyLength) reply += await this.i2c("psu", 0x10, "11", 1);
    return reply;
  }

  /** What the S19 factory tool waits; none with quick parts. */
  replyWaitMs = 0;

  enable(level: 0 | 1): void {
    writeFileSync(join(this.folder, "psu-enable"), String(level));
  }

  async truth(): Promise<Truth> {
    return (await askVirtual(join(this.folder, "control.sock"), {
      do: "truth",
    })) as unknown as Truth;
  }

  async celsius(address: number): Promise<number> {
    return Buffer.from(await this.i2c("boards", address, "00", 2), "hex").readInt16BE() / 256;
  }
}

describe("virtual hardware", function () {
  // A program is started, its supply switched on and waited for.
  this.timeout(30_000);
  let bench: Bench;

  afterEach(() => bench.stop());

  it("is an S19k Pro: supply 75, sensors and EEPROMs at three slots, four fans", async () => {
    bench = await new Bench("s19k-pro", "--quick-parts").start();
    equal(await bench.psu("55aa04020600", 8), "55aa060275007d00");
    equal(await bench.psu("55aa04010500", 8), "55aa060119002000");
    for (const address of [0x48, 0x4c, 0x4d, 0x49, 0x4e, 0x4a]) {
      const tempC = await bench.celsius(address);
      ok(tempC > 20 && tempC < 30, `${String(tempC)} at ${address.toString(16)}`);
    }
    const images = [];
    for (const slot of [0, 1, 2]) images.push(await bench.i2c("boards", 0x50 + slot, "00", 256));
    ok(images.every((image) => image.startsWith("0511")));
    equal(new Set(images).size, 3);
    equal(await bench.i2c("boards", 0x53, "00", 1), "nack");
    equal(await bench.i2c("boards", 0x20, "", 1), "nack");
    for (const fan of [1, 2, 3, 4]) {
      const period = (await bench.ask({ do: "tachRead", tach: `fan-${String(fan)}` }))["periodNs"];
      equal(typeof period, "number");
    }
  });

  it("takes the two seconds a command that an S19 Pro was seen to take", async () => {
    bench = await new Bench("s19k-pro").start();
    bench.replyWaitMs = 300;
    const startMs = performance.now();
    equal(await bench.psu("55aa06838f001801", 8), "55aa06838f001801");
    const tookMs = performance.now() - startMs;
    ok(tookMs > 1900 && tookMs < 2400, String(tookMs));
  });

  it("gives its chains the voltage that the supply was told, once it is enabled", async () => {
    bench = await new Bench("s19k-pro", "--quick-parts").start();
    await bench.psu("55aa06838f001801", 8);
    equal((await bench.truth()).supply.railMv, 0);
    bench.enable(0);
    await until(async () => (await bench.truth()).supply.railMv > 13_000 || undefined, {
      what: "the rail is up",
    });
    const { boards, supply } = await bench.truth();
    ok(boards.every(({ railMv }) => Math.abs(railMv - supply.railMv) < 1));
    bench.enable(1);
    await until(async () => (await bench.truth()).supply.railMv < 12_000 || undefined, {
      what: "the rail falls",
    });
  });

  it("is an S21: supply C1 with its late firmware, sensors at 48 and 4C and up", async () => {
    bench = await new Bench("s21", "--quick-parts").start();
    equal(await bench.psu("55aa04020600", 8), "55aa0602c100c900");
    equal(await bench.psu("55aa04010500", 8), "55aa0601081a2900");
    for (const address of [0x48, 0x49, 0x4a, 0x4c, 0x4d, 0x4e])
      ok((await bench.celsius(address)) > 20);
  });

  it("is an S19j Pro: controllers, and sensors behind them only", async () => {
    bench = await new Bench("s19j-pro", "--quick-parts").start();
    const ask = async (frame: string, length: number): Promise<string> => {
      for (const byte of frame.match(/../g) ?? []) await bench.i2c("boards", 0x21, byte, 0);
      let reply = "";
      while (reply.length < 2 * length) reply += await bench.i2c("boards", 0x21, "", 1);
      return reply;
    };
    equal(await bench.i2c("boards", 0x48, "00", 2), "nack");
    equal(await ask("55aa0406000a", 2), "0601");
    equal(await ask("55aa0417001b", 5), "05178900a5");
    equal(await ask("55aa063b48000089", 2), "3b01");
    const reply = Buffer.from(await ask("55aa063c4802008c", 7), "hex");
    ok(Math.abs(reply.readInt16BE(3) / 256 - 25) < 1);
    equal(await ask("55aa051501001b", 2), "1501");
    equal((await bench.truth()).boards[1]?.controller?.isConverterOn, true);
  });

  it("is a Bitaxe: a regulator and a fan controller on the board, no supply to talk to", async () => {
    bench = await new Bench("bitaxe-gamma", "--quick-parts").start();
    equal(await bench.i2c("psu", 0x10, "00", 1), "nack");
    equal(await bench.i2c("boards", 0x24, "ad", 7), "065449546d2441");
    for (const write of ["214d02", "0180"]) await bench.i2c("boards", 0x24, write, 0);
    for (const write of ["0304", "4c3f"]) await bench.i2c("boards", 0x4c, write, 0);
    await until(
      async () => {
        const { boards, fans } = await bench.truth();
        return (boards[0]!.railMv > 1140 && fans[0]!.rpm > 3000) || undefined;
      },
      { what: "the chip has its voltage and the fan turns" },
    );
    const high = await bench.i2c("boards", 0x4c, "47", 1);
    ok(Number.parseInt(high, 16) < 0xff);
  });

  it("shows its faults to the hardware and its truth to the control socket", async () => {
    bench = await new Bench("s19k-pro", "--quick-parts").start();
    const socket = join(bench.folder, "control.sock");
    await askVirtual(socket, { do: "fault", name: "sensorOffset", chain: 0, offsetC: 40 });
    await askVirtual(socket, { do: "fault", name: "boardMissing", chain: 2 });
    ok((await bench.celsius(0x48)) > 55);
    ok((await bench.truth()).boards[0]!.sensors.every(({ tempC }) => tempC < 30));
    equal((await bench.ask({ do: "gpioRead", line: "plug-2" }))["level"], 0);
    equal(await bench.i2c("boards", 0x52, "00", 1), "nack");
  });

  it("comes up as a machine that has been running where it is told so", async () => {
    bench = await new Bench("s19k-pro", "--quick-parts", "--powered").start();
    const { supply, boards } = await bench.truth();
    ok(supply.railMv > 13_000);
    ok(boards.every(({ railMv }) => railMv > 13_000));
    equal(await bench.psu("55aa04050900", 8), "55aa060501000c00");
  });
});
