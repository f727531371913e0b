import { join } from "node:path";
import { ControlServer } from "./api/control/control-server.js";
import { tokenHandlers } from "./api/http/auth/token-door.js";
import { Interfaces } from "./api/interfaces.js";
import { assertLinesFree } from "./app/assert-lines-free.js";
import { openDesk, type OpenDesk } from "./app/commands/open-desk.js";
import { socketHandlers } from "./app/commands/socket-door.js";
import { namedHardware, readConfig, type Config } from "./app/config.js";
import { ConfigStore } from "./app/config-store.js";
import { ControllerGuard } from "./app/controller-guard.js";
import { HandOver } from "./app/hand-over.js";
import { requireHardware } from "./app/hardware-check.js";
import { KeptData } from "./app/kept/kept-data.js";
import type { MachineHardware } from "./app/machine/machine-hardware.js";
import { openMachine } from "./app/machine/open-machine.js";
import { heapBytes, heapCollector, MemoryKeeper } from "./app/memory-keeper.js";
import { listenerPort } from "./app/listener-port.js";
import { Miner } from "./app/miner.js";
import { raisePriority } from "./app/raise-priority.js";
import { startReboot } from "./app/reboot.js";
import { ChainWiring } from "./app/wiring/chain-wiring.js";
import { type DrivenMachine, isServedVirtually } from "./boards/machine-spec.js";
import { loadAddon } from "./hal/native.js";
import { systemClock } from "./lib/clock.js";
import { LogRing } from "./lib/log-ring.js";
import { createLogger, type Logger } from "./lib/logger.js";
import { programVersion } from "./lib/version.js";
import { History } from "./telemetry/history.js";
import { writtenBytes } from "./telemetry/written-bytes.js";
import { openFlight, type FlightFile } from "./recorder/flight-file.js";

/** A controller that cannot stop by itself is ended after this long; the chains' dead man does not need it. */
const STOP_LIMIT_MS = 7000;

const CHAIN_ORDER_FILE = "chain-order.json";

export interface RunOptions {
  readonly configFile: string;
  readonly dataDir: string;
  readonly tapDir?: string | undefined;
  /** Is told what is missing on a computer that is not the control board. */
  readonly report?: ((text: string) => void) | undefined;
}

/**
 * The controller, from its configuration file to its end by SIGINT, SIGTERM or an error. Resolves when all is
 * stopped; the chains are then in reset and the power is off.
 * @throws BOARD_MODEL_MISMATCH, HARDWARE_MISSING, and what ConfigStore, ControlServer.start, openMachine, Miner and
 *   Miner.start throw
 */
export async function runController(options: RunOptions): Promise<void> {
  const store = new ConfigStore(options.configFile, requireControlBoard(options));
  const { config } = store;
  const lines = new LogRing();
  const log = createLogger(config.logLevel, lines);
  if (config.realTimePriority > 0) raisePriority(log);
  const control = await ControlServer.start(options.dataDir, log);
  const kept = await openKept(options.dataDir, config, log);
  const { journal, counters } = kept.data;
  journal.program("started", { version: programVersion(), pid: process.pid });
  process.once("exit", () => {
    journal.writeNow();
  });
  const end = untilEnd((error) => {
    log.error({ error: error instanceof Error ? error.stack : String(error) }, "uncaught error");
  });
  const memory = memoryKeeper();
  memory.start();
  const guard = await ControllerGuard.find({
    ...{ dataDir: options.dataDir, realTimePriority: config.realTimePriority },
    ...{ clock: systemClock, log },
  });
  let running: Running | undefined;
  let opened: OpenDesk | undefined;
  let interfaces: Interfaces | undefined;
  let history: History | undefined;
  try {
    running = await start(options, store, kept, guard, log);
    const { handOver, hardware } = running;
    const askRestart = (): unknown => {
      // The reply goes out first.
      setImmediate(end.restart);
      return { keepsPower: handOver.isPossible };
    };
    const { miner } = running;
    history = await History.start({
      ...{ dataDir: options.dataDir, clock: systemClock, writtenBytes },
      onTrouble: kept.data.onTrouble,
      look: () => miner.snapshot(),
    });
    history.events.on("second", ({ powerW }) => {
      counters.counters.countPower(powerW);
    });
    opened = await openDesk({
      ...{ dataDir: options.dataDir, miner, hardware, store, kept: kept.data, lines },
      ...{ restart: askRestart, reboot: end.reboot, clock: systemClock, log },
    });
    const { desk } = opened;
    control.serve({ ...socketHandlers(desk), ...tokenHandlers(() => interfaces?.tokens) });
    interfaces = await Interfaces.start({
      ...{ dataDir: options.dataDir, store, desk, kept: kept.data, clock: systemClock, log },
      ...{ snapshot: () => miner.snapshot(), history, hardware: hardware.hardware },
    });
    // Last: what is loaded for the interfaces holds the event loop up for longer than the guard waits, on a slow processor.
    await miner.start();
    log.info({ machine: config.machine, controlBoard: config.controlBoard }, "controller runs");
    process.exitCode = await end.exitCode;
  } finally {
    const limit = setTimeout(() => process.exit(1), STOP_LIMIT_MS);
    limit.unref();
    const how = end.isRestart && (await running?.handOver.begin()) === true ? "asIs" : "off";
    await interfaces?.letGoOfHardware();
    await opened?.close();
    await running?.miner.stop(how);
    // Nobody feeds the guard from here on.
    if (how === "asIs") guard.close("left");
    await running?.hardware.close(how);
    guard.close("off");
    await control.stop();
    // Its last minute goes out by the interfaces.
    await history?.stop();
    await interfaces?.stop();
    journal.program("stopped", { exitCode: Number(process.exitCode ?? 1) });
    await kept.wiring.stop();
    await kept.data.stop();
    await kept.flight.close();
    memory.stop();
    log.info("controller stopped");
    clearTimeout(limit);
    if (end.rebootWith !== undefined) reboot(end.rebootWith, running?.hardware, log);
    // The channel to whoever started us would keep the process alive.
    if (process.connected) process.disconnect();
    // Nobody waits any more for the test of a pool that still runs.
    setTimeout(() => process.exit(), STOP_LIMIT_MS).unref();
  }
}

/** What outlives the process. */
interface Kept {
  readonly data: KeptData;
  readonly wiring: ChainWiring;
  readonly flight: FlightFile;
}

async function openKept(dataDir: string, config: Config, log: Logger): Promise<Kept> {
  const clock = systemClock;
  const data = await KeptData.open({ dataDir, clock, log });
  const { journal, onTrouble } = data;
  const wiring = await ChainWiring.open({
    ...{ config, path: join(dataDir, CHAIN_ORDER_FILE), clock, log, onTrouble },
    listener: (tty) => listenerPort(config, tty, tty),
  });
  const flight = await openFlight({ dataDir, config, journal, clock, log, onTrouble });
  return { data, wiring, flight };
}

interface Running {
  readonly miner: Miner;
  readonly handOver: HandOver;
  readonly hardware: MachineHardware;
}

/** Opens the machine. Its life has not begun: one that was left running stays so until it is judged. */
async function start(
  { tapDir }: RunOptions,
  { config }: ConfigStore,
  { data, wiring, flight }: Kept,
  guard: ControllerGuard,
  log: Logger,
): Promise<Running> {
  const clock = systemClock;
  const { counters, orders, memory, mark, trips, journal, disk } = data;
  guard.tellTrip(trips);
  await assertLinesFree(config, wiring);
  // A running machine without a companion that keeps it on is one that nobody answers for; and chains whose ttys are
  // not known cannot go on.
  const isLeft =
    mark.wasLeft && guard.isHandedOver && orders.order !== "curtailed" && !wiring.isUnknown;
  const hardware = await openMachine({
    ...{ machine: config.machineSpec, board: config.board },
    ...{ deviceDir: config.deviceDir, slots: config.slots },
    mode: isLeft ? "takeOver" : "cold",
    cooling: config.coolingPlan,
    isDiskFull: () => disk.isFull,
    ownLimits: config.safety,
    trips,
    openGuard: guard.open,
    witness: flight.recorder,
    ...{ clock, log },
  });
  try {
    const miner = new Miner({
      version: programVersion(),
      ...{ config, clock, log, hardware, orders, memory, wiring, tapDir },
      counters: counters.counters,
      witness: flight.recorder,
      onPower: (mayBeOn) => {
        mark.set(mayBeOn);
      },
      onChainFailed: (slot, error) => {
        journal.chain(slot, error);
      },
    });
    miner.life.states.events.on("entered", (state, before) => {
      journal.state(state, before);
    });
    return { miner, hardware, handOver: new HandOver({ life: miner.life, hardware, guard, log }) };
  } catch (error) {
    await hardware.close(isLeft ? "asIs" : "off");
    throw error;
  }
}

/**
 * On a computer that is not the control board this has to be said first, whatever else is wrong. The virtual machine is
 * missed by name when it is opened. Returns what was read on the way: a slow processor needs seconds for it.
 */
function requireControlBoard({ configFile, report }: RunOptions): DrivenMachine {
  const wish = namedHardware(readConfig(configFile), configFile);
  if (!isServedVirtually(wish.board) && wish.board.notDriven === undefined)
    requireHardware(wish, report ?? (() => undefined));
  return wish.machine;
}

/** Nobody would look after a power that is still on. */
function reboot(program: string, hardware: MachineHardware | undefined, log: Logger): void {
  if (hardware?.interlock.isOn === true) log.error("no reboot: the power is not off");
  else startReboot(program);
}

function memoryKeeper(): MemoryKeeper {
  return new MemoryKeeper({
    heapUsed: heapBytes,
    collect: heapCollector(),
    release: () => {
      loadAddon().releaseFreeMemory();
    },
    clock: systemClock,
  });
}

interface End {
  /** Resolves once somebody asks the process to end or something nobody caught happens. */
  readonly exitCode: Promise<number>;
  /** Another controller is to take the machine over. */
  readonly isRestart: boolean;
  readonly restart: () => void;
  /** The program that starts the control board anew afterwards. */
  readonly rebootWith: string | undefined;
  /** Once what is answered has gone out. */
  readonly reboot: (program: string) => void;
}

function untilEnd(report: (error: unknown) => void): End {
  let isRestart = false;
  let rebootWith: string | undefined;
  let restart: () => void = () => undefined;
  let reboot: (program: string) => void = () => undefined;
  const exitCode = new Promise<number>((resolve) => {
    restart = () => {
      isRestart = true;
      resolve(0);
    };
    reboot = (program) => {
      rebootWith = program;
      setImmediate(resolve, 0);
    };
    process.once("SIGUSR2", restart);
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
  return {
    exitCode,
    get isRestart() {
      return isRestart;
    },
    restart,
    get rebootWith() {
      return rebootWith;
    },
    reboot,
  };
}
