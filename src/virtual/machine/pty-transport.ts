import { rmSync, symlinkSync } from "node:fs";
import type { PtyMaster, VirtualAddon } from "../native.js";
import type { HostBytesListener, Transport } from "./transport.js";

/** A chain on a pty: `path` is a symbolic link to the tty that the host opens. */
export class PtyTransport implements Transport {
  readonly path: string;
  readonly #addon: VirtualAddon;
  readonly #onBytes: HostBytesListener;
  #pty: PtyMaster | undefined;

  constructor(path: string, addon: VirtualAddon, onBytes: HostBytesListener) {
    this.path = path;
    this.#addon = addon;
    this.#onBytes = onBytes;
    this.plugIn();
  }

  hostListensBaud(): number | undefined {
    return this.#pty?.speeds().inputBaud;
  }

  write(bytes: Uint8Array): number {
    return this.#pty?.write(bytes) ?? bytes.length;
  }

  setPaused(isPaused: boolean): void {
    if (isPaused) this.#pty?.pauseReading();
    else this.#pty?.resumeReading();
  }

  /** A host that was killed leaves its exclusive lock on the tty, which never closes as long as the pty is held. */
  forgetHost(): void {
    this.#pty?.clearExclusive();
  }

  unplug(): void {
    rmSync(this.path, { force: true });
    this.#pty?.close();
    this.#pty = undefined;
  }

  plugIn(): void {
    if (this.#pty !== undefined) return;
    const pty = new this.#addon.PtyMaster(this.#onBytes);
    this.#pty = pty;
    rmSync(this.path, { force: true });
    symlinkSync(pty.slavePath, this.path);
  }

  close(): Promise<void> {
    this.unplug();
    return Promise.resolve();
  }
}
