import type { Socket } from "node:net";
import type { Clock } from "../../lib/clock.js";
import { formOf, isWhole, MAX_REQUEST_BYTES } from "./request.js";

/** For a request to be there, and again for the client to take its answer and go. */
const PATIENCE_MS = 1000;
/** Text has no end of its own: after so long without more it is over. */
const QUIET_MS = 50;

/**
 * Reads one request: whole, or what there is after a second, or before the client stopped sending. Undefined when there
 * is nothing to answer.
 */
export function readRequest(socket: Socket, clock: Clock): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    let cancelQuiet = (): void => undefined;
    const cancelPatience = clock.after(PATIENCE_MS, () => {
      finish();
    });
    const finish = (): void => {
      cancelPatience();
      cancelQuiet();
      socket.off("data", onData).off("end", finish).off("close", finish);
      resolve(bytes.length === 0 ? undefined : bytes);
    };
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]).subarray(0, MAX_REQUEST_BYTES);
      cancelQuiet();
      if (isWhole(bytes)) finish();
      else if (formOf(bytes) === "text") cancelQuiet = clock.after(QUIET_MS, finish);
    };
    socket.on("data", onData).once("end", finish).once("close", finish);
  });
}

/** Sends an answer and closes; a client that does not go is left behind. */
export function endWith(socket: Socket, answer: Uint8Array, clock: Clock): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const cancel = clock.after(PATIENCE_MS, () => socket.destroy());
  socket.once("close", cancel);
  // What else it sends is of no interest, and must not make the answer be lost in a reset.
  socket.resume();
  socket.end(answer);
}
