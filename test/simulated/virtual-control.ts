import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";

/** What the tests look at in the state of a virtual chain. */
export interface VirtualChain {
  readonly isInReset: boolean;
  readonly freqMHz: number;
  readonly addressedChips: number;
  readonly hashrateThs: number;
  readonly jobs: number;
  readonly nonces: number;
  readonly crcErrors: number;
  readonly garbageBytes: number;
  readonly noiseBytes: number;
  readonly overrunBytes: number;
}

/** What the tests look at in what is really so. */
export interface VirtualTruth {
  readonly nowMs: number;
  readonly unixMs: number;
  /** When lines and voltages moved, the oldest first; times as `nowMs`. */
  readonly changes: readonly {
    readonly what: "enable" | "output" | "power" | "reset";
    readonly slot: number | null;
    readonly to: 0 | 1;
    readonly atMs: number;
  }[];
  readonly supply: {
    /** 0: the output is switched on. */
    readonly enableLine: 0 | 1;
    readonly isOn: boolean;
    readonly railMv: number;
    readonly setpointMv: number | null;
  };
  readonly boards: readonly { readonly powerW: number; readonly isHarmed: boolean }[];
  /** Lights of the control board. */
  readonly lines: Readonly<Record<string, 0 | 1>>;
  readonly fans: readonly { readonly rpm: number; readonly dutyPct: number }[];
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
