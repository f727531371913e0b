import { toHex } from "../../src/lib/bytes.js";
import type { ControlRequest, UsbDevice } from "./usb-redirection.js";

/** Requests of an i2c-tiny-usb adapter. Documented: Linux, drivers/i2c/busses/i2c-tiny-usb.c. */
const REQUEST = { functions: 1, setDelay: 2, status: 3, transfer: 4 } as const;
const BEGINS = 1;
const ENDS = 2;
const ACKNOWLEDGED = 1;
const REFUSED = 2;
/** Plain I2C, and what the kernel makes of it for SMBus. Documented: Linux, I2C_FUNC_I2C and I2C_FUNC_SMBUS_EMUL. */
const FUNCTIONS = 0x0eff0009;

/** One transfer of a bus: what is read, undefined without an acknowledge. */
export type Transfer = (
  address: number,
  write: string,
  read: number,
) => Promise<Uint8Array | undefined>;

/** A USB adapter that the kernel has a driver for, in front of a bus that somebody else serves. */
export class UsbI2cAdapter implements UsbDevice {
  readonly vendor = 0x0403;
  readonly product = 0xc631;
  readonly #transfer: Transfer;
  /** Written without a stop: what is read next comes after a repeated start. */
  #written = new Uint8Array();
  #status = ACKNOWLEDGED;

  constructor(transfer: Transfer) {
    this.#transfer = transfer;
  }

  async control(request: ControlRequest): Promise<Uint8Array | undefined> {
    const { request: what } = request;
    if (what === REQUEST.functions) {
      const functions = Buffer.alloc(4);
      functions.writeUInt32LE(FUNCTIONS);
      return functions;
    }
    if (what === REQUEST.setDelay) return new Uint8Array();
    if (what === REQUEST.status) return Uint8Array.of(this.#status);
    if ((what & ~(BEGINS | ENDS)) !== REQUEST.transfer) return undefined;
    return this.#message(request);
  }

  async #message({ request, index, length, isRead, data }: ControlRequest): Promise<Uint8Array> {
    if ((request & BEGINS) !== 0) this.#written = new Uint8Array();
    if (!isRead) this.#written = Uint8Array.from([...this.#written, ...data]);
    this.#status = ACKNOWLEDGED;
    if ((request & ENDS) === 0) return new Uint8Array();
    const read = await this.#transfer(index, toHex(this.#written), isRead ? length : 0);
    if (read === undefined) this.#status = REFUSED;
    return read ?? new Uint8Array(isRead ? length : 0);
  }
}
