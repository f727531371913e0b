import { connect } from "node:net";
import { createInterface } from "node:readline";

/** A companion answers at once; a socket that nobody answers on was left behind. */
const ANSWER_LIMIT_MS = 500;

/** The companion of the controller before us, which keeps the power on for a while so that we can take it over. */
export interface HeldLease {
  readonly leftMs: number;
  /** It is over, and the power off: nobody took it over in time. */
  readonly isOver: boolean;
  /** We are there and armed, or the power is off: the companion may leave. */
  release(): void;
}

/** Undefined when there is none: nobody keeps the power on for us. Never rejects. */
export function findLease(socketPath: string): Promise<HeldLease | undefined> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const limit = setTimeout(() => {
      socket.destroy();
      resolve(undefined);
    }, ANSWER_LIMIT_MS);
    let isOver = false;
    let isReleased = false;
    const end = (): void => {
      isOver = !isReleased;
      clearTimeout(limit);
      resolve(undefined);
    };
    socket.on("error", end);
    socket.on("close", end);
    const lines = createInterface({ input: socket });
    lines.on("error", end);
    lines.on("line", (line) => {
      const leftMs = Number(/^leased (\d+)$/.exec(line)?.[1]);
      if (!(leftMs > 0)) return;
      clearTimeout(limit);
      resolve({
        leftMs,
        get isOver() {
          return isOver;
        },
        release: () => {
          isReleased = true;
          if (!socket.destroyed) socket.end("release\n");
        },
      });
    });
  });
}
