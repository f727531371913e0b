import { connect } from "node:net";
import { createInterface } from "node:readline";
import { MinerError } from "./errors.js";

const ANSWER_TIMEOUT_MS = 5000;

/**
 * Sends one JSON line to a unix socket and gives the first line of the answer, parsed.
 * @throws CONTROL_UNREACHABLE when nobody listens, answers in time or speaks JSON
 */
export function askSocket(
  path: string,
  request: object,
  timeoutMs = ANSWER_TIMEOUT_MS,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const fail = (reason: string): void => {
      socket.destroy();
      reject(new MinerError("CONTROL_UNREACHABLE", { socket: path, reason }));
    };
    socket.setTimeout(timeoutMs, () => {
      fail("no answer");
    });
    socket.on("connect", () => {
      socket.write(`${JSON.stringify(request)}\n`);
    });
    socket.on("close", () => {
      fail("closed without an answer");
    });
    const onError = (error: Error): void => {
      fail(error.message);
    };
    // A line reader passes errors of its socket on as long as it is open; unheard, each of the two throws.
    const lines = createInterface({ input: socket });
    socket.on("error", onError);
    lines.on("error", onError);
    lines.once("line", (line) => {
      try {
        resolve(JSON.parse(line));
        socket.destroy();
      } catch {
        fail("the answer is not JSON");
      }
    });
  });
}
