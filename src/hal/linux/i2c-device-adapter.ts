import { accessSync, constants as fsConstants } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { hexNumber } from "../../lib/bytes.js";
import { MinerError, type ErrorCode } from "../../lib/errors.js";
import type { I2cAdapter } from "../i2c-adapter.js";
import { reasonOf } from "./kernel-file.js";
import { OneFlight } from "./one-flight.js";

/** What is used of a bus of the library i2c-bus. */
export interface I2cLibraryBus {
  i2cFuncs(): Promise<{ readonly i2c: boolean }>;
  i2cRead(address: number, length: number, into: Buffer): Promise<{ readonly bytesRead: number }>;
  i2cWrite(address: number, length: number, bytes: Buffer): Promise<unknown>;
  /** Command byte, repeated start, at most 32 bytes. */
  readI2cBlock(
    address: number,
    command: number,
    length: number,
    into: Buffer,
  ): Promise<{ readonly bytesRead: number }>;
  close(): Promise<void>;
}

export type OpenI2cLibraryBus = (busNumber: number) => Promise<I2cLibraryBus>;

/** Documented: the kernel's Documentation/i2c/fault-codes.rst; drivers also say EREMOTEIO and EIO for no acknowledge. */
const EREMOTEIO = 121;
const { EAGAIN, EBUSY, EIO, ENODEV, ENXIO, ETIMEDOUT } = constants.errno;
const CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [ENXIO, "I2C_NACK"],
  [ENODEV, "I2C_NACK"],
  [EREMOTEIO, "I2C_NACK"],
  [EIO, "I2C_NACK"],
  [ETIMEDOUT, "I2C_TIMEOUT"],
  [EAGAIN, "I2C_BUS_STUCK"],
  [EBUSY, "I2C_BUS_STUCK"],
]);

/**
 * A bus of the kernel (/dev/i2c-N) through the library i2c-bus, whose traps end here:
 * - It opens the device at the first transfer to each address, so opening succeeds without any bus: it is probed.
 * - It keeps the file of an address before it has told the kernel the address. When a first transfer fails, the next one
 *   could go to a wrong address through that file: the bus is opened anew then.
 * - Its calls run on the threads of libuv, and cannot be taken back; see OneFlight. One call a bus is under way, so that
 *   buses that hang leave threads for the rest.
 */
export class I2cDeviceAdapter implements I2cAdapter {
  readonly #name: string;
  readonly #reopen: () => Promise<I2cLibraryBus>;
  readonly #flight: OneFlight;
  #library: I2cLibraryBus;
  /** Addresses of which the library has told the kernel. */
  readonly #known = new Set<number>();

  private constructor(name: string, library: I2cLibraryBus, reopen: () => Promise<I2cLibraryBus>) {
    this.#name = name;
    this.#library = library;
    this.#reopen = reopen;
    this.#flight = new OneFlight(
      () => new MinerError("I2C_BUS_STUCK", { bus: name, reason: "a transfer hangs" }),
    );
  }

  /** `device` is a name like i2c-1. @throws I2C_UNAVAILABLE */
  static async open(
    device: string,
    dev: string,
    openLibraryBus: OpenI2cLibraryBus,
  ): Promise<I2cDeviceAdapter> {
    const path = join(dev, device);
    try {
      accessSync(path, fsConstants.R_OK | fsConstants.W_OK);
      const reopen = (): Promise<I2cLibraryBus> =>
        openLibraryBus(Number(device.replace("i2c-", "")));
      const library = await reopen();
      const { i2c } = await library.i2cFuncs();
      if (i2c) return new I2cDeviceAdapter(device, library, reopen);
      await library.close();
    } catch (cause) {
      throw new MinerError("I2C_UNAVAILABLE", { bus: path, reason: reasonOf(cause) }, { cause });
    }
    throw new MinerError("I2C_UNAVAILABLE", { bus: path, reason: "SMBus only" });
  }

  async transfer(address: number, write: Uint8Array, readLength: number): Promise<Uint8Array> {
    try {
      const bytes = await this.#flight.run(() => this.#call(address, write, readLength));
      this.#known.add(address);
      return bytes;
    } catch (cause) {
      if (cause instanceof MinerError) throw cause;
      if (!this.#known.has(address)) await this.#openAnew();
      throw this.#error(address, cause as NodeJS.ErrnoException);
    }
  }

  /** The kernel frees the bus by itself where its driver can; here only the call that hangs is waited for. */
  async recover(): Promise<void> {
    await this.#flight.landed();
    await this.#openAnew();
  }

  async close(): Promise<void> {
    await this.#flight.landed();
    await this.#library.close();
  }

  async #call(address: number, write: Uint8Array, readLength: number): Promise<Uint8Array> {
    const [command] = write;
    if (readLength === 0) {
      await this.#library.i2cWrite(address, write.length, Buffer.from(write));
      return new Uint8Array();
    }
    const into = Buffer.alloc(readLength);
    if (command === undefined) {
      const { bytesRead } = await this.#library.i2cRead(address, readLength, into);
      return new Uint8Array(into.subarray(0, bytesRead));
    }
    if (write.length > 1)
      throw new MinerError("INTERNAL", { bus: this.#name, missing: "repeated start after bytes" });
    const { bytesRead } = await this.#library.readI2cBlock(address, command, readLength, into);
    return new Uint8Array(into.subarray(0, bytesRead));
  }

  async #openAnew(): Promise<void> {
    this.#known.clear();
    const old = this.#library;
    try {
      this.#library = await this.#reopen();
    } catch (cause) {
      throw new MinerError(
        "I2C_UNAVAILABLE",
        { bus: this.#name, reason: reasonOf(cause) },
        { cause },
      );
    }
    // A file that cannot be closed is lost, which is no reason to lose the bus too.
    await old.close().catch(() => undefined);
  }

  #error(address: number, cause: NodeJS.ErrnoException): MinerError {
    const { errno = 0, syscall, message } = cause;
    // A part that a kernel driver serves cannot be addressed from here.
    const isTaken = syscall === "setAddr";
    const code = (isTaken ? undefined : CODES.get(Math.abs(errno))) ?? "I2C_UNAVAILABLE";
    const facts = { bus: this.#name, address: hexNumber(address) };
    const reason = isTaken ? "a kernel driver serves this address" : message;
    return new MinerError(code, { ...facts, reason }, { cause });
  }
}
