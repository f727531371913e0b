import { constants, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import type { VirtualAddon } from "../native.js";

/** The reset line of a chain as a named pipe: "0" pulls reset, "1" releases it, like the value file of a GPIO. */
export class ResetLine {
  readonly #path: string;
  readonly #socket: Socket;

  constructor(path: string, addon: VirtualAddon, onLevel: (isAsserted: boolean) => void) {
    this.#path = path;
    addon.makeFifo(path);
    // Open for writing too, so that it does not end when a host closes it.
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    this.#socket = new Socket({ fd, readable: true, writable: false });
    this.#socket.on("data", (bytes) => {
      for (const byte of bytes) {
        if (byte === 0x30) onLevel(true);
        if (byte === 0x31) onLevel(false);
      }
    });
  }

  close(): void {
    this.#socket.destroy();
    rmSync(this.#path, { force: true });
  }
}
