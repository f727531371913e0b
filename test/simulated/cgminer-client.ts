import { connect } from "node:net";

/** Where the tests let a machine listen: a loopback address that nothing else of this computer uses. */
export const CGMINER_HOST = "127.40.28.1";
const CGMINER_PORT = 4028;

/** One request as a tool sends it; all that comes until the end. */
export function askCgminer(request: string | Uint8Array, from = "127.0.0.1"): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect({ host: CGMINER_HOST, port: CGMINER_PORT, localAddress: from });
    socket.on("connect", () => socket.write(request));
    socket.on("data", (chunk) => (text += String(chunk)));
    socket.on("error", reject);
    socket.on("close", () => {
      resolve(text);
    });
  });
}

/** The reply to a command, which ends with its zero byte. */
export async function commandCgminer<Reply>(
  command: string,
  parameter?: string,
  from?: string,
): Promise<Reply> {
  const text = await askCgminer(JSON.stringify({ command, parameter }), from);
  if (!text.endsWith("\0")) throw new Error(`no zero byte: ${text}`);
  return JSON.parse(text.slice(0, -1)) as Reply;
}
