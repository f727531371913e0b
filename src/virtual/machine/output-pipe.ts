import { constants, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import type { VirtualAddon } from "../native.js";

/** An output line of the control board as a named pipe: it takes "0" and "1", like the value file of a GPIO. */
export class OutputPipe {
  readonly #path: string;
  readonly #socket: Socket;

  constructor(path: string, addon: VirtualAddon, onLevel: (level: 0 | 1) => void) {
    this.#path = path;
    addon.makeFifo(path);
    // Open for writing too, so that it does not end when a host closes it.
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    this.#socket = new Socket({ fd, readable: true, writable: false });
    this.#socket.on("data", (bytes) => {
      for (const byte of bytes) {
        if (byte === 0x30) onLevel(0);
        if (byte === 0x31) onLevel(1);
      }
    });
  }

  close(): void {
    this.#socket.destroy();
    rmSync(this.#path, { force: true });
  }
}
