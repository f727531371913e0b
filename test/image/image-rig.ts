import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { virtualNetwork } from "../../src/bitcoin/network.js";
import { VirtualSocket } from "../../src/hal/virtual/virtual-socket.js";
import { parseHex } from "../../src/lib/bytes.js";
import { systemClock } from "../../src/lib/clock.js";
import { TestPool } from "../../src/virtual/pool/test-pool.js";
import { TestBroker } from "../../src/virtual/test-broker.js";
import { Program } from "../simulated/program.js";
import { until } from "../simulated/until.js";
import { askVirtual, type VirtualTruth } from "../simulated/virtual-control.js";
import { BodyWires } from "./body-wires.js";
import { EmulatedBoard, type BoardImage } from "./emulated-board.js";
import { UsbI2cAdapter } from "./usb-i2c.js";
import { UsbRedirection } from "./usb-redirection.js";

const MACHINE = "qemu-ast2600";
const SLOTS = 3;
/** This computer as the board sees it. Documented: QEMU, user network. */
const HOST = "10.0.2.2";
/** A short ramp, and few nonces: the emulated processor is slow. */
const FREQ_MHZ = 100;
const TICKET_DIFFICULTY = 16_384;
const SHARE_DIFFICULTY = 32_768;
const ROOM_C = 35;

/** The world around an emulated board: hashboards and supply of the virtual machine, pool and broker of this process. */
export class ImageRig {
  readonly #folder = mkdtempSync(join(tmpdir(), "headframe-image-"));
  readonly #deviceDir = join(this.#folder, "wires");
  #virtual: Program | undefined;
  #hardware: VirtualSocket | undefined;
  #usb: UsbRedirection | undefined;
  #pool: TestPool | undefined;
  #broker: TestBroker | undefined;
  #files: Server | undefined;
  #board: EmulatedBoard | undefined;
  #wires: BodyWires | undefined;

  async start(): Promise<void> {
    this.#pool = await TestPool.start({
      difficulty1Target: virtualNetwork().difficulty1Target,
      startDifficulty: SHARE_DIFFICULTY,
      jobIntervalS: 15,
      blockIntervalS: 60,
    });
    this.#broker = await TestBroker.start();
    const args = ["--machine", MACHINE, "--listen", this.#deviceDir, "--transport", "unix"];
    const virtual = new Program(["virtual", ...args, "--quick-parts", "--json"], {
      isUrgent: true,
    });
    this.#virtual = virtual;
    await until(() => virtual.stdout.includes("\n") || undefined, { what: "virtual machine" });
    const hardware = new VirtualSocket(join(this.#deviceDir, "hardware.sock"), systemClock);
    this.#hardware = hardware;
    const supply = new UsbI2cAdapter((address, write, read) =>
      transfer(hardware, "psu", address, write, read),
    );
    this.#usb = await UsbRedirection.listen(this.#usbPath, supply);
    this.#files = createServer((_, response) => response.end(JSON.stringify(this.config)));
    this.#files.listen(0, "127.0.0.1");
    await once(this.#files, "listening");
  }

  get pool(): TestPool {
    return given(this.#pool, "pool");
  }

  get brokerUrl(): string {
    return given(this.#broker, "broker").url;
  }

  get board(): EmulatedBoard {
    return given(this.#board, "board");
  }

  get wires(): BodyWires {
    return given(this.#wires, "wires");
  }

  /** The configuration of the board's controller. */
  get config(): Record<string, unknown> {
    return {
      machine: MACHINE,
      controlBoard: MACHINE,
      network: "virtual",
      pools: [{ url: seenFromBoard(this.pool.url), user: "rig.board", password: "x" }],
      freqMHz: FREQ_MHZ,
      ticketDifficulty: TICKET_DIFFICULTY,
      cooling: { mode: "immersion" },
      mqtt: { brokers: [{ url: seenFromBoard(this.brokerUrl) }], deviceId: "board", periodS: 10 },
    };
  }

  /** Switches the board on. */
  async powerOn(image: BoardImage, forwards: Readonly<Record<number, number>> = {}): Promise<void> {
    const chains = Array.from({ length: SLOTS }, (_, slot) => this.#path(`chain${slot}.sock`));
    const wiring = { chains, usb: this.#usbPath, forwards };
    const { port } = given(this.#files, "files").address() as AddressInfo;
    const append =
      `${image.append} headframe.config=http://${HOST}:${port}/config.json ` +
      `headframe.time=${Math.round(Date.now() / 1000)}`;
    const board = await EmulatedBoard.start(this.#folder, { ...image, append }, wiring);
    this.#board = board;
    await this.setTemperatures(ROOM_C);
    this.#wires = await BodyWires.connect(board.monitor, this.#deviceDir);
  }

  /** Cuts the board's mains. */
  async powerOff(): Promise<void> {
    await this.#board?.kill();
    await this.#wires?.close();
  }

  /** Of every sensor of the hashboards. */
  async setTemperatures(tempC: number): Promise<void> {
    for (let slot = 0; slot < SLOTS; slot++)
      for (const place of ["inlet", "outlet"] as const)
        await this.board.setTemperature(place, slot, tempC);
  }

  /** What is really so with supply and boards. */
  async truth(): Promise<VirtualTruth> {
    const answer = await askVirtual(this.#path("control.sock"), { do: "truth" });
    return answer as unknown as VirtualTruth;
  }

  async stop(): Promise<void> {
    await this.powerOff();
    this.#files?.close();
    this.#usb?.close();
    this.#hardware?.close();
    await this.#virtual?.stop();
    await this.#broker?.stop();
    await this.#pool?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #usbPath(): string {
    return join(this.#folder, "usb.sock");
  }

  #path(name: string): string {
    return join(this.#deviceDir, name);
  }
}

async function transfer(
  hardware: VirtualSocket,
  bus: string,
  address: number,
  write: string,
  read: number,
): Promise<Uint8Array | undefined> {
  const answer = await hardware.ask({ do: "i2c", bus, address, write, read });
  return answer.ok ? parseHex(String(answer["read"])) : undefined;
}

function seenFromBoard(url: string): string {
  return url.replace("127.0.0.1", HOST);
}

function given<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`the rig has no ${what}`);
  return value;
}
