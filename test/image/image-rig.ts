import { mkdtempSync, rmSync } from "node:fs";
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
import { BundleServer } from "./bundle-server.js";
import { Card } from "./card.js";
import { EmulatedBoard } from "./emulated-board.js";
import type { ImageFiles } from "./image-files.js";
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
export const ROOM_C = 35;
/** A sensor that never moves counts as stuck. */
const TREMBLE_MS = 20_000;
const TREMBLE_C = 0.25;
const MINING_LIMIT_S = 240;

/** The world around an emulated board: hashboards and supply of the virtual machine, pool, broker and bundles of this process. */
export class ImageRig {
  readonly #image: ImageFiles;
  readonly #change: Readonly<Record<string, unknown>>;
  readonly #folder = mkdtempSync(join(tmpdir(), "headframe-image-"));
  readonly #deviceDir = join(this.#folder, "wires");
  #virtual: Program | undefined;
  #hardware: VirtualSocket | undefined;
  #usb: UsbRedirection | undefined;
  #pool: TestPool | undefined;
  #broker: TestBroker | undefined;
  #bundles: BundleServer | undefined;
  #card: Card | undefined;
  #board: EmulatedBoard | undefined;
  #tempC = ROOM_C;
  #isWarmer = false;
  #tremble: NodeJS.Timeout | undefined;
  #wires: BodyWires | undefined;

  /** `change`: fields of the board's configuration that differ. */
  constructor(image: ImageFiles, change: Readonly<Record<string, unknown>> = {}) {
    this.#image = image;
    this.#change = change;
  }

  /** All but the board, which has no mains yet. */
  async start(): Promise<void> {
    this.#pool = await TestPool.start({
      difficulty1Target: virtualNetwork().difficulty1Target,
      startDifficulty: SHARE_DIFFICULTY,
      jobIntervalS: 15,
      blockIntervalS: 60,
    });
    this.#broker = await TestBroker.start();
    this.#bundles = await BundleServer.start();
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
    this.#card = Card.copyOf(this.#image.card, join(this.#folder, "card.img"));
    this.#card.put("config.json", JSON.stringify(this.config));
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
      mqtt: {
        brokers: [{ url: seenFromBoard(this.brokerUrl) }],
        ...{ deviceId: "board", periodS: 10, commands: ["system.upgrade"] },
      },
      ...this.#change,
    };
  }

  /** Where the board fetches a bundle. */
  offer(name: string, bytes: Buffer): string {
    return seenFromBoard(given(this.#bundles, "bundles").offer(name, bytes));
  }

  /** Switches the board on. */
  async powerOn(): Promise<void> {
    const chains = Array.from({ length: SLOTS }, (_, slot) => this.#path(`chain${slot}.sock`));
    const { kernel, dtb, initramfs } = this.#image;
    const append =
      "console=ttyS4,115200 loglevel=4 headframe.console=shell " +
      `headframe.time=${Math.round(Date.now() / 1000)}`;
    const image = { kernel, dtb, initramfs, append, card: given(this.#card, "card").path };
    const board = await EmulatedBoard.start(this.#folder, image, { chains, usb: this.#usbPath });
    this.#board = board;
    await this.setTemperatures(ROOM_C);
    this.#tremble = setInterval(() => {
      this.#isWarmer = !this.#isWarmer;
      this.#writeTemperatures().catch(() => undefined); // the emulator ends
    }, TREMBLE_MS);
    const wires = await BodyWires.connect(board.monitor, this.#deviceDir);
    this.#wires = wires;
    // A reset of the emulator takes what was set from outside with it.
    board.monitor.onHappened = (what) => {
      if (what !== "RESET") return;
      wires.plugIn().catch(() => undefined); // the emulator ends
      this.setTemperatures(ROOM_C).catch(() => undefined);
    };
  }

  /** Cuts the board's mains. */
  async powerOff(): Promise<void> {
    clearInterval(this.#tremble);
    await this.#board?.kill();
    await this.#wires?.close();
  }

  /** Of every sensor of the hashboards. */
  setTemperatures(tempC: number): Promise<void> {
    this.#tempC = tempC;
    return this.#writeTemperatures();
  }

  async #writeTemperatures(): Promise<void> {
    const tempC = this.#tempC + (this.#isWarmer ? TREMBLE_C : 0);
    for (let slot = 0; slot < SLOTS; slot++)
      for (const place of ["inlet", "outlet"] as const)
        await this.board.setTemperature(place, slot, tempC);
  }

  /** Resolves with the next accepted share. */
  async untilMining(): Promise<void> {
    const { accepted } = this.pool.stats();
    await until(
      () => (this.wires.isEnabled && this.pool.stats().accepted > accepted) || undefined,
      {
        what: "a share is accepted",
        withinS: MINING_LIMIT_S,
        facts: () => this.pool.stats(),
      },
    );
  }

  async untilOff(withinS: number): Promise<void> {
    await until(() => !this.wires.isEnabled || undefined, { what: "the rail is off", withinS });
    await until(() => this.wires.inReset.length === SLOTS || undefined, {
      what: "all are in reset",
    });
  }

  /** How often the board started anew since it was switched on. */
  get resets(): number {
    return this.board.monitor.happened.filter((what) => what === "RESET").length;
  }

  async untilResets(count: number, withinS: number): Promise<void> {
    await until(() => this.resets >= count || undefined, {
      what: `reset ${String(count)} of the board`,
      withinS,
    });
  }

  /** What is really so with supply and boards. */
  async truth(): Promise<VirtualTruth> {
    const answer = await askVirtual(this.#path("control.sock"), { do: "truth" });
    return answer as unknown as VirtualTruth;
  }

  async stop(): Promise<void> {
    await this.powerOff();
    this.#bundles?.stop();
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
