import { askSocket } from "../../lib/ask-socket.js";
import { MinerError } from "../../lib/errors.js";
import { controlSocketPath, type ControlReply } from "./control-server.js";

/**
 * One request to the running controller of a data directory. `timeoutMs` is for requests that take their time.
 * @throws CONTROL_UNREACHABLE, or the error that the controller answered with
 */
export async function askController(
  dataDir: string,
  method: string,
  params?: unknown,
  timeoutMs?: number,
): Promise<unknown> {
  const request = { id: 1, method, params };
  const path = controlSocketPath(dataDir);
  const reply = (await askSocket(path, request, timeoutMs)) as ControlReply;
  if ("error" in reply) throw new MinerError(reply.error.code, reply.error.context);
  return reply.result;
}
