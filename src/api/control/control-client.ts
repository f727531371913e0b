import { connect } from "node:net";
import { MinerError } from "../../lib/errors.js";
import { LineSplitter } from "../../lib/json-lines.js";
import { controlSocketPath, type ControlReply } from "./control-server.js";

const ANSWER_TIMEOUT_MS = 5000;

/**
 * One request to the running controller of a data directory.
 * @throws CONTROL_UNREACHABLE, or the error that the controller answered with
 */
export function askController(dataDir: string, method: string, params?: unknown): Promise<unknown> {
  const path = controlSocketPath(dataDir);
  return new Promise((resolve, reject) => {
    const lines = new LineSplitter();
    const socket = connect(path);
    const fail = (reason: string): void => {
      socket.destroy();
      reject(new MinerError("CONTROL_UNREACHABLE", { socket: path, reason }));
    };
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => {
      fail("no answer");
    });
    socket.on("error", (error) => {
      fail(error.message);
    });
    socket.on("connect", () => {
      socket.write(`${JSON.stringify({ id: 1, method, params })}\n`);
    });
    socket.on("data", (bytes) => {
      const [line] = lines.push(bytes);
      if (line === undefined) return;
      socket.destroy();
      const reply = JSON.parse(line) as ControlReply;
      if ("error" in reply) reject(new MinerError(reply.error.code, reply.error.context));
      else resolve(reply.result);
    });
  });
}
