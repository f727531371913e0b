import type { I2cLibraryBus } from "../../../../src/hal/linux/i2c-device-adapter.js";
import type { FakeParts } from "../suites/fake-parts.js";

const ERRNO = { nack: 6, stuck: 11 } as const;

function systemError(errno: number, syscall: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`errno ${String(errno)}, ${syscall}`), { errno, syscall });
}

/** The library i2c-bus with what it does wrong, over parts of our own. */
export class FakeI2cLibrary {
  readonly parts: FakeParts;
  isPlain = true;
  /** The device is gone when it is opened again; its old files cannot be closed. */
  isGone = false;
  cannotClose = false;
  /** So many of the next first transfers to an address fail before the kernel has been told the address. */
  refusedAddresses = 0;
  opened = 0;
  closed = 0;
  /** Lets transfers that hang come back. */
  readonly #hanging: (() => void)[] = [];
  #underWay = 0;

  constructor(parts: FakeParts) {
    this.parts = parts;
  }

  release(): void {
    for (const resolve of this.#hanging.splice(0)) resolve();
  }

  /** Files are closed while the kernel still works with one of them. */
  isClosedTooEarly = false;

  readonly open = (): Promise<I2cLibraryBus> => {
    if (this.isGone) return Promise.reject(systemError(2, "open"));
    this.opened++;
    /** Address that the kernel has been told, by the address for which the file is kept. */
    const files = new Map<number, number>();
    const call = async (
      address: number,
      write: Uint8Array,
      readLength: number,
    ): Promise<Uint8Array> => {
      if (this.#underWay > 0) throw new Error("two calls at once");
      this.#underWay++;
      try {
        if (!files.has(address)) {
          files.set(address, 0);
          if (this.refusedAddresses > 0) {
            this.refusedAddresses--;
            throw systemError(16, "setAddr");
          }
          files.set(address, address);
        }
        const outcome = this.parts.transfer(files.get(address)!, write, readLength);
        if (outcome.is === "hang")
          await new Promise<void>((resolve) => this.#hanging.push(resolve));
        if (outcome.is === "ok") return await Promise.resolve(outcome.read);
        throw systemError(outcome.is === "hang" ? 110 : ERRNO[outcome.is], "read");
      } finally {
        this.#underWay--;
      }
    };
    const read = async (
      address: number,
      write: Uint8Array,
      length: number,
      into: Buffer,
    ): Promise<{ bytesRead: number }> => {
      into.set(await call(address, write, length));
      return { bytesRead: length };
    };
    return Promise.resolve({
      i2cFuncs: () => Promise.resolve({ i2c: this.isPlain }),
      i2cRead: (address, length, into) => read(address, new Uint8Array(), length, into),
      i2cWrite: (address, length, bytes) => call(address, bytes.subarray(0, length), 0),
      readI2cBlock: (address, command, length, into) => {
        if (length > 32) throw new Error(`a block of ${String(length)} bytes`);
        return read(address, Uint8Array.of(command), length, into);
      },
      close: () => {
        this.closed++;
        this.isClosedTooEarly ||= this.#underWay > 0;
        if (this.cannotClose) return Promise.reject(systemError(9, "close"));
        return Promise.resolve();
      },
    });
  };
}
