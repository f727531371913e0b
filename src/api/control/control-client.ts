import { askSocket } from "../../lib/ask-socket.js";
import { MinerError } from "../../lib/errors.js";
import { controlSocketPath, type ControlReply } from "./control-server.js";

/**
 * One request to the running controller of a data directory.
 * @throws CONTROL_UNREACHABLE, or the error that the controller answered with
 */
export async function askController(
  dataDir: string,
  method: string,
  params?: unknown,
): Promise<unknown> {
  const reply = (await askSocket(controlSocketPath(dataDir), {
    id: 1,
    method,
    params,
  })) as ControlReply;
  if ("error" in reply) throw new MinerError(reply.error.code, reply.error.context);
  return reply.result;
}
