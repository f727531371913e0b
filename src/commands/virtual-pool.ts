import { resolve } from "node:path";
import type { Command } from "commander";
import { virtualNetwork } from "../bitcoin/network.js";
import { MinerError } from "../lib/errors.js";
import type { TestPool } from "../virtual/pool/test-pool.js";
import { wholeNumber } from "./arguments.js";
import { print, type JsonOption } from "./output.js";

const REPORT_MS = 10_000;

interface PoolFlags extends JsonOption {
  readonly port: number;
  readonly difficulty: number;
  readonly transcript?: string;
  readonly control?: string;
}

const POOL_HELP = `
With --control the pool can be asked while it runs: list (the faults and their parameters), fault, clear,
state, block and job (a new one at once).
  headframe virtual ask list --listen DIR
  headframe virtual ask fault name=silent afterShares=10 --listen DIR
  headframe virtual ask clear name=silent --listen DIR`;

/** The test pool of the demo alone, for a controller that is started by hand. */
export function registerVirtualPoolCommand(virtual: Command): void {
  virtual
    .command("pool")
    .description(
      "run a Stratum V1 test pool of the virtual network on loopback, until it is stopped",
    )
    .option("--port <number>", "TCP port on 127.0.0.1, 0 for any free one", wholeNumber, 3333)
    .option("--difficulty <number>", "share difficulty", wholeNumber, 2048)
    .option("--transcript <file>", "write the lines of the first connection to this file")
    .option("--control <dir>", "folder for a control.sock through which faults are set")
    .option("--json", "what is printed as JSON lines")
    .addHelpText("after", POOL_HELP)
    .action(async (_flags: unknown, command: Command) => {
      // --json is an option of the command above too, which takes it first.
      await servePool(command.optsWithGlobals<PoolFlags>());
    });
}

async function servePool(flags: PoolFlags): Promise<void> {
  const { TestPool } = await import("../virtual/pool/test-pool.js");
  const pool = await TestPool.start({
    difficulty1Target: virtualNetwork().difficulty1Target,
    port: flags.port,
    startDifficulty: flags.difficulty,
    ...(flags.transcript !== undefined && { transcript: flags.transcript }),
  }).catch((cause: unknown) => {
    const { port, difficulty } = flags;
    throw new MinerError(
      "VIRTUAL_LISTEN_FAILED",
      { port, difficulty, reason: String(cause) },
      { cause },
    );
  });
  const control =
    flags.control === undefined ? undefined : await openControl(pool, resolve(flags.control));
  print({ ready: true, url: pool.url }, flags, () => `test pool on ${pool.url}`);
  const reports = setInterval(() => {
    print(pool.stats(), flags, () => statsText(pool));
  }, REPORT_MS);
  await new Promise<void>((stop) => {
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
  });
  clearInterval(reports);
  print(pool.stats(), flags, () => statsText(pool));
  await control?.close();
  await pool.stop();
}

async function openControl(pool: TestPool, folder: string): Promise<{ close(): Promise<void> }> {
  const { openPoolControl } = await import("../virtual/pool/pool-control.js");
  try {
    return await openPoolControl(pool, folder);
  } catch (error) {
    await pool.stop();
    throw error;
  }
}

function statsText(pool: TestPool): string {
  const { connections, accepted, rejected, stale, duplicates, hashrateThs } = pool.stats();
  return (
    `${String(connections)} connected: ${String(accepted)} accepted, ${String(rejected)} rejected ` +
    `(${String(duplicates)} duplicates), ${String(stale)} stale, ${hashrateThs.toFixed(2)} TH/s`
  );
}
