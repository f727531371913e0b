import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";

/** What the tests look at in the state of a virtual chain. */
export interface VirtualChain {
  readonly isInReset: boolean;
  readonly addressedChips: number;
  readonly hashrateThs: number;
  readonly jobs: number;
  readonly nonces: number;
  readonly crcErrors: number;
  readonly garbageBytes: number;
  readonly noiseBytes: number;
  readonly overrunBytes: number;
}

/** One request to the control socket of the virtual machine. Throws when it is refused. */
export async function askVirtual(
  socketPath: string,
  request: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const socket = connect(socketPath);
  try {
    await once(socket, "connect");
    socket.write(`${JSON.stringify({ id: 1, ...request })}\n`);
    const [line] = (await once(createInterface({ input: socket }), "line")) as [string];
    const answer = JSON.parse(line) as Record<string, unknown>;
    if (answer["ok"] !== true) throw new Error(`virtual machine refuses: ${line}`);
    return answer;
  } finally {
    socket.destroy();
  }
}
