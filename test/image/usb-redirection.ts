import { createServer, type Server, type Socket } from "node:net";

/**
 * Packets of the USB redirection protocol 0.7 without any capability: a header of three words (type, length, id), all
 * little endian. Documented: its description, and Linux' USB chapter 9 for the requests inside.
 */
const TYPE = {
  hello: 0,
  deviceConnect: 1,
  reset: 3,
  interfaceInfo: 4,
  endpointInfo: 5,
  setConfiguration: 6,
  getConfiguration: 7,
  configurationStatus: 8,
  setAlternate: 9,
  getAlternate: 10,
  alternateStatus: 11,
  control: 100,
} as const;
const HEADER_BYTES = 12;
const CONTROL_BYTES = 10;
const ENDPOINTS = 32;
const NO_ENDPOINT = 255;
const HIGH_SPEED = 2;
const VENDOR_CLASS = 255;
const STALL = 4;
const DEVICE_TO_HOST = 0x80;
const GET_DESCRIPTOR = 6;
const DEVICE_DESCRIPTOR = 1;
const CONFIGURATION_DESCRIPTOR = 2;
const STRING_DESCRIPTOR = 3;

/** A request on endpoint 0 that is not one of every device. */
export interface ControlRequest {
  readonly isRead: boolean;
  readonly request: number;
  readonly value: number;
  readonly index: number;
  readonly length: number;
  readonly data: Uint8Array;
}

export interface UsbDevice {
  readonly vendor: number;
  readonly product: number;
  /** What is read; undefined refuses the request. */
  control(request: ControlRequest): Promise<Uint8Array | undefined>;
}

/** Serves one USB device without endpoints beside the first to QEMU's usb-redir. */
export class UsbRedirection {
  readonly #device: UsbDevice;
  readonly #server: Server;
  #socket: Socket | undefined;

  private constructor(device: UsbDevice, server: Server) {
    this.#device = device;
    this.#server = server;
    server.on("connection", (socket) => {
      this.#accept(socket);
    });
  }

  static async listen(path: string, device: UsbDevice): Promise<UsbRedirection> {
    const server = createServer();
    const redirection = new UsbRedirection(device, server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    return redirection;
  }

  close(): void {
    this.#socket?.destroy();
    this.#server.close();
  }

  #accept(socket: Socket): void {
    this.#socket = socket;
    let waiting = Buffer.alloc(0);
    let done = Promise.resolve();
    socket.on("error", () => undefined); // the emulator ends
    socket.on("data", (bytes: Buffer) => {
      waiting = Buffer.concat([waiting, bytes]);
      for (;;) {
        if (waiting.length < HEADER_BYTES) return;
        const end = HEADER_BYTES + waiting.readUInt32LE(4);
        if (waiting.length < end) return;
        const packet = waiting.subarray(0, end);
        waiting = waiting.subarray(end);
        done = done.then(() => this.#take(packet));
      }
    });
    this.#introduce();
  }

  #introduce(): void {
    const { vendor, product } = this.#device;
    const hello = Buffer.alloc(64 + 4);
    hello.write("headframe test");
    this.#send(TYPE.hello, 0, hello);
    const interfaces = Buffer.alloc(4 + 4 * ENDPOINTS);
    interfaces.writeUInt32LE(1);
    interfaces[4 + ENDPOINTS] = VENDOR_CLASS;
    this.#send(TYPE.interfaceInfo, 0, interfaces);
    // Types, intervals and interfaces; both directions of endpoint 0 are of type 0.
    const endpoints = Buffer.alloc(3 * ENDPOINTS);
    endpoints.fill(NO_ENDPOINT, 0, ENDPOINTS);
    endpoints[0] = endpoints[ENDPOINTS / 2] = 0;
    this.#send(TYPE.endpointInfo, 0, endpoints);
    const device = Buffer.alloc(8);
    device[0] = HIGH_SPEED;
    device[1] = VENDOR_CLASS;
    device.writeUInt16LE(vendor, 4);
    device.writeUInt16LE(product, 6);
    this.#send(TYPE.deviceConnect, 0, device);
  }

  #send(type: number, id: number, ...parts: readonly Uint8Array[]): void {
    const body = Buffer.concat(parts);
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(type, 0);
    header.writeUInt32LE(body.length, 4);
    header.writeUInt32LE(id, 8);
    this.#socket?.write(Buffer.concat([header, body]));
  }

  async #take(packet: Buffer): Promise<void> {
    const type = packet.readUInt32LE(0);
    const id = packet.readUInt32LE(8);
    const body = packet.subarray(HEADER_BYTES);
    switch (type) {
      case TYPE.setConfiguration:
      case TYPE.getConfiguration:
        this.#send(TYPE.configurationStatus, id, Uint8Array.of(0, 1));
        return;
      case TYPE.setAlternate:
      case TYPE.getAlternate:
        this.#send(TYPE.alternateStatus, id, Uint8Array.of(0, 0, 0));
        return;
      case TYPE.control:
        await this.#control(id, body);
        return;
      default: // hello, reset and what needs no answer
    }
  }

  async #control(id: number, body: Buffer): Promise<void> {
    const request: ControlRequest = {
      isRead: ((body[2] ?? 0) & DEVICE_TO_HOST) !== 0,
      request: body[1] ?? 0,
      value: body.readUInt16LE(4),
      index: body.readUInt16LE(6),
      length: body.readUInt16LE(8),
      data: body.subarray(CONTROL_BYTES),
    };
    const isStandard = ((body[2] ?? 0) & 0x60) === 0;
    const answer = isStandard ? this.#standard(request) : await this.#device.control(request);
    const header = Buffer.from(body.subarray(0, CONTROL_BYTES));
    header[3] = answer === undefined ? STALL : 0;
    const read = answer?.subarray(0, request.length) ?? new Uint8Array();
    header.writeUInt16LE(request.isRead ? read.length : request.length, 8);
    this.#send(TYPE.control, id, header, request.isRead ? read : new Uint8Array());
  }

  #standard({ request, value }: ControlRequest): Uint8Array | undefined {
    if (request !== GET_DESCRIPTOR) return undefined;
    const { vendor, product } = this.#device;
    switch (value >> 8) {
      case DEVICE_DESCRIPTOR: {
        const text = Buffer.from([
          18,
          1,
          0,
          2,
          VENDOR_CLASS,
          0,
          0,
          64,
          0,
          0,
          0,
          0,
          0,
          1,
          0,
          0,
          0,
          1,
        ]);
        text.writeUInt16LE(vendor, 8);
        text.writeUInt16LE(product, 10);
        return text;
      }
      case CONFIGURATION_DESCRIPTOR:
        return Uint8Array.of(9, 2, 18, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0, 0, VENDOR_CLASS, 0, 0, 0);
      case STRING_DESCRIPTOR:
        return Uint8Array.of(4, 3, 9, 4);
      default:
        return undefined;
    }
  }
}
