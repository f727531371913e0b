import type { Command } from "commander";
import type { Controller } from "../api/client/controller.js";
import { systemClock } from "../lib/clock.js";
import { isMinerError, type MinerError } from "../lib/errors.js";
import type { Snapshot } from "../telemetry/snapshot.js";
import { addControllerOptions, controllerOf } from "./open-controller.js";
import { WatchHistory } from "./watch-events.js";
import { WatchTerminal } from "./watch-terminal.js";
import { watchLines } from "./watch-view.js";

interface WatchFlags {
  readonly json?: true;
}

const INTERVAL_MS = 1000;

const HELP = `
Shows machine, chains, chips, pools and what happens, once a second; q quits. Where there is no
terminal, or with --json, it prints a snapshot a second as a JSON line, and {"error"} while the
controller does not answer.`;

/** Adds the live view of the running controller: watch. */
export function registerWatchCommand(program: Command): void {
  addControllerOptions(program.command("watch"), { json: "a JSON line a second" })
    .description("live view of the running controller")
    .addHelpText("after", HELP)
    .action(async (flags: WatchFlags, command: Command) => {
      const controller = controllerOf(command, "silent");
      const stop = new AbortController();
      const end = (): void => {
        stop.abort();
      };
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, end);
      const isScreen = process.stdout.isTTY && process.env["TERM"] !== "dumb";
      if (isScreen && flags.json !== true) await watchScreen(controller, stop);
      else await watchLinesOfJson(controller, stop);
    });
}

/** Draws until `stop` is aborted. */
async function watchScreen(controller: Controller, stop: AbortController): Promise<void> {
  const history = new WatchHistory();
  const terminal = new WatchTerminal(process.stdin, process.stdout, {
    onQuit: () => {
      stop.abort();
    },
    onResize: () => {
      draw();
    },
  });
  const draw = (): void => {
    terminal.draw(watchLines(history, terminal.size, systemClock.unixMs()));
  };
  try {
    draw();
    await everySecond(stop.signal, async () => {
      const answer = await look(controller);
      if (isMinerError(answer)) history.addSilence(systemClock.unixMs());
      else history.add(answer, systemClock.unixMs());
      draw();
    });
  } finally {
    terminal.close();
  }
}

async function watchLinesOfJson(controller: Controller, stop: AbortController): Promise<void> {
  // The reader went away, as head does.
  process.stdout.on("error", () => {
    stop.abort();
  });
  await everySecond(stop.signal, async () => {
    const answer = await look(controller);
    const { code, context } = isMinerError(answer) ? answer : { code: undefined, context: {} };
    const line = code === undefined ? answer : { error: { code, context } };
    if (!stop.signal.aborted) process.stdout.write(`${JSON.stringify(line)}\n`);
  });
}

/** A snapshot, or the error when the controller does not answer. Throws what it refuses with. */
async function look(controller: Controller): Promise<Snapshot | MinerError> {
  try {
    return (await controller.ask("status")) as Snapshot;
  } catch (error) {
    if (isMinerError(error, "CONTROL_UNREACHABLE", "HOST_UNREACHABLE")) return error;
    throw error;
  }
}

/** At once and then each second, until `signal` is aborted; a call that takes longer is not doubled. */
async function everySecond(signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  let nextMs = systemClock.nowMs();
  while (!signal.aborted) {
    await act();
    nextMs = Math.max(nextMs + INTERVAL_MS, systemClock.nowMs());
    await systemClock.sleep(nextMs - systemClock.nowMs(), signal).catch(() => undefined);
  }
}
