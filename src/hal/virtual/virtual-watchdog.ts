import { MinerError, type ErrorCode } from "../../lib/errors.js";
import type { Watchdog } from "../hardware.js";
import type { VirtualRequest, VirtualSocket } from "./virtual-socket.js";

/** The watchdog of the virtual control board. */
export class VirtualWatchdog implements Watchdog {
  readonly timeoutS: number;
  readonly #socket: VirtualSocket;

  constructor(timeoutS: number, socket: VirtualSocket) {
    this.timeoutS = timeoutS;
    this.#socket = socket;
  }

  /** Runs from now on. @throws WATCHDOG_UNAVAILABLE */
  static async open(timeoutS: number, socket: VirtualSocket): Promise<VirtualWatchdog> {
    const watchdog = new VirtualWatchdog(timeoutS, socket);
    await watchdog.#ask({ do: "watchdogOpen", timeoutS }, "WATCHDOG_UNAVAILABLE");
    return watchdog;
  }

  feed(): Promise<void> {
    return this.#ask({ do: "watchdogFeed" }, "WATCHDOG_FAILED");
  }

  close(): Promise<void> {
    return this.#ask({ do: "watchdogClose" }, "WATCHDOG_FAILED");
  }

  async #ask(request: VirtualRequest, code: ErrorCode): Promise<void> {
    const reply = await this.#socket.ask(request);
    if (!reply.ok) throw new MinerError(code, { reason: reply.error });
  }
}
