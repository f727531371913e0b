import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { raiseProcess } from "../../src/lib/raise-process.js";
import { Console } from "./console.js";
import { Monitor } from "./monitor.js";

/** What boots. */
export interface BoardImage {
  readonly kernel: string;
  readonly dtb: string;
  readonly initramfs: string;
  /** File of the SD card. */
  readonly card: string;
  readonly append: string;
}

/** What hangs on the board: boards/control-boards/qemu-ast2600.yaml and boards/hashboards/bhb68603.yaml. */
export interface BoardWiring {
  /** A unix socket for each chain. */
  readonly chains: readonly string[];
  /** Of the USB adapter. */
  readonly usb: string;
  /** Port of this computer that leads to a port of the board, by the board's. */
  readonly forwards?: Readonly<Record<number, number>>;
}

const MEMORY_ADDRESS = 0x50;
/** By place: offset of the slot from it. */
const SENSORS = { inlet: 0x48, outlet: 0x4c } as const;
const BUS = "aspeed.i2c.bus.4";
const START_LIMIT_MS = 20_000;

/** QEMU's ast2600-evb with hashboards on its wires. */
export class EmulatedBoard {
  readonly monitor: Monitor;
  readonly console: Console;
  readonly startedMs: number;
  readonly #process: ChildProcess;

  private constructor(
    process: ChildProcess,
    monitor: Monitor,
    console: Console,
    startedMs: number,
  ) {
    this.#process = process;
    this.monitor = monitor;
    this.console = console;
    this.startedMs = startedMs;
  }

  static async start(
    folder: string,
    image: BoardImage,
    wiring: BoardWiring,
  ): Promise<EmulatedBoard> {
    const socket = join(folder, `monitor-${Date.now()}.sock`);
    // It ends with this process, however that ends.
    const tied = ["--pdeathsig", "KILL", "qemu-system-arm"];
    const qemu = spawn("setpriv", [...tied, ...qemuArguments(image, wiring, socket)], {
      detached: true,
      stdio: ["pipe", "pipe", "inherit"],
    });
    const startedMs = performance.now();
    // The guard of the board counts time that passes here.
    raiseProcess(qemu.pid);
    const console = new Console(qemu.stdout, qemu.stdin);
    const gone = new AbortController();
    qemu.once("error", (error) => {
      gone.abort(error);
    });
    qemu.once("exit", (status) => {
      gone.abort(new Error(`the emulator ended with ${String(status)}`));
    });
    const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(START_LIMIT_MS)]);
    const monitor = await Monitor.open(socket, signal);
    return new EmulatedBoard(qemu, monitor, console, startedMs);
  }

  /** What a sensor is to feel, in steps of a sixteenth. */
  async setTemperature(place: keyof typeof SENSORS, slot: number, tempC: number): Promise<void> {
    const path = `/machine/peripheral/${place}${slot}`;
    await this.monitor.set(path, "temperature", Math.round(tempC * 1000));
  }

  /** As if the mains were cut. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
    this.monitor.close();
  }
}

function qemuArguments(image: BoardImage, wiring: BoardWiring, monitor: string): string[] {
  const forwards = Object.entries(wiring.forwards ?? {}).map(
    ([guest, host]) => `,hostfwd=tcp:127.0.0.1:${host}-:${guest}`,
  );
  return [
    ...["-M", "ast2600-evb", "-m", "1G", "-display", "none", "-monitor", "none"],
    ...["-qmp", `unix:${monitor},server=on,wait=off`],
    ...["-kernel", image.kernel, "-dtb", image.dtb, "-append", image.append],
    ...["-initrd", image.initramfs],
    // The card's file is in the memory of this computer, whose own disk nothing has to wait for.
    ...["-drive", `if=sd,file=${image.card},format=raw,cache=unsafe`],
    ...["-nic", `user${forwards.join("")}`],
    // The first is the console, on uart5; the others are uart1 to uart4.
    ...["-serial", "stdio"],
    ...wiring.chains.flatMap((path, slot) => [
      ...["-chardev", `socket,id=chain${slot},path=${path},reconnect=1`],
      ...["-serial", `chardev:chain${slot}`],
    ]),
    ...["-chardev", `socket,id=usb,path=${wiring.usb},reconnect=1`],
    ...["-device", "usb-redir,chardev=usb,bus=usb-bus.0"],
    ...wiring.chains.flatMap((_, slot) => [
      // Of QEMU 7.2, which answers an address of one byte with FF: as if nothing had ever been written.
      ...["-device", `at24c-eeprom,bus=${BUS},address=${MEMORY_ADDRESS + slot},rom-size=256`],
      ...Object.entries(SENSORS).flatMap(([place, address]) => [
        "-device",
        `tmp105,id=${place}${slot},bus=${BUS},address=${address + slot}`,
      ]),
    ]),
  ];
}
