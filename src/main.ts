import { join } from "node:path";
import { constants, setPriority } from "node:os";
import { ControlServer } from "./api/control/control-server.js";
import { namedHardware, readConfig } from "./app/config.js";
import { ConfigStore } from "./app/config-store.js";
import { requireHardware } from "./app/hardware-check.js";
import { Miner } from "./app/miner.js";
import { PoolCommands } from "./app/pool-commands.js";
import { systemClock } from "./lib/clock.js";
import { CountersKeeper } from "./mining/counters-keeper.js";
import { createLogger, type Logger } from "./lib/logger.js";
import { programVersion } from "./lib/version.js";

/** A controller that cannot stop by itself is ended after this long; the chains' dead man does not need it. */
const STOP_LIMIT_MS = 5000;

const COUNTERS_FILE = "counters.json";

export interface RunOptions {
  readonly configFile: string;
  readonly dataDir: string;
  readonly tapDir?: string | undefined;
  /** Is told what is missing on a computer that is not the control board. */
  readonly report?: ((text: string) => void) | undefined;
}

/**
 * The controller, from its configuration file to its end by SIGINT, SIGTERM or an error. Resolves when all is
 * stopped; the chains are then in reset.
 * @throws BOARD_MODEL_MISMATCH, HARDWARE_MISSING, and what ConfigStore, ControlServer.start, Miner and Miner.start throw
 */
export async function runController(options: RunOptions): Promise<void> {
  requireControlBoard(options);
  const store = new ConfigStore(options.configFile);
  const { config } = store;
  const log = createLogger(config.logLevel);
  if (config.realTimePriority > 0) raisePriority(log);
  const control = await ControlServer.start(options.dataDir, log);
  const keeper = await CountersKeeper.open({
    path: join(options.dataDir, COUNTERS_FILE),
    clock: systemClock,
    onTrouble: ({ code, context }) => {
      log.error({ code, ...context }, "counters");
    },
  });
  const ended = untilEnd((error) => {
    log.error({ error: error instanceof Error ? error.stack : String(error) }, "uncaught error");
  });
  let miner: Miner | undefined;
  try {
    miner = new Miner({
      counters: keeper.counters,
      config,
      version: programVersion(),
      clock: systemClock,
      log,
      tapDir: options.tapDir,
    });
    serve(control, miner, store);
    await miner.start();
    log.info({ machine: config.machine, controlBoard: config.controlBoard }, "controller runs");
    process.exitCode = await ended;
  } finally {
    const limit = setTimeout(() => process.exit(1), STOP_LIMIT_MS);
    limit.unref();
    await miner?.stop();
    await control.stop();
    await keeper.stop();
    log.info("controller stopped");
    clearTimeout(limit);
    // Nobody waits any more for the test of a pool that still runs.
    setTimeout(() => process.exit(), STOP_LIMIT_MS).unref();
  }
}

/**
 * On a computer that is not the control board this has to be said first, whatever else is wrong. The virtual machine is
 * missed by name when it is opened.
 */
function requireControlBoard({ configFile, report }: RunOptions): void {
  const wish = namedHardware(readConfig(configFile), configFile);
  if (wish.board.virtual || wish.board.notDriven !== undefined) return;
  requireHardware(wish, report ?? (() => undefined));
}

/** Answers what clients of the control socket ask. */
function serve(control: ControlServer, miner: Miner, store: ConfigStore): void {
  const pools = new PoolCommands({
    store,
    apply: (config) => {
      miner.pools.reconfigure(config);
    },
    status: () => miner.pools.status(),
    probe: (settings, wish) => miner.pools.probe(settings, wish),
  });
  control.serve({
    status: () => miner.snapshot(),
    "pools.list": () => pools.list(),
    "pools.set": (params) => pools.set(params),
    "pools.test": (params) => pools.test(params),
  });
}

/** Pool lines and shares go before whatever else runs on the control board; the chain threads are real time anyway. */
function raisePriority(log: Logger): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGH);
  } catch (error) {
    log.warn({ reason: String(error) }, "process priority was not raised");
  }
}

/** Resolves with the exit status once somebody asks the process to end or something nobody caught happens. */
function untilEnd(report: (error: unknown) => void): Promise<number> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => {
      resolve(0);
    });
    process.once("SIGTERM", () => {
      resolve(0);
    });
    // Started with an IPC channel, as the demo does: nobody is left to stop us.
    process.once("disconnect", () => {
      resolve(0);
    });
    process.on("uncaughtException", (error) => {
      report(error);
      resolve(1);
    });
    process.on("unhandledRejection", (error) => {
      report(error);
      resolve(1);
    });
  });
}
