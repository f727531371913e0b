import { equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { errorText, stateText } from "../../src/commands/machine-text.js";
import type { ErrorCode } from "../../src/lib/errors.js";
import type { ErrorSnapshot } from "../../src/telemetry/error-snapshot.js";
import type { Snapshot } from "../../src/telemetry/snapshot.js";
import { Rig, type Fault } from "./rig.js";
import { until } from "./until.js";
import { askVirtual } from "./virtual-control.js";

/** A code, and the facts of its context that must be so. */
export interface Words {
  readonly code: ErrorCode;
  readonly [fact: string]: number | string | boolean | null;
}

/** Something that a machine is fitted with, and what must come of it. */
export interface FittingRow {
  readonly name: string;
  /** An S19k Pro when left out. */
  readonly machine?: string;
  /** Slots in use; 0 and 1 when left out. */
  readonly chains?: readonly number[];
  readonly config?: Readonly<Record<string, unknown>>;
  /** There before the controller starts. */
  readonly faults: readonly Fault[];
  /** How far a controller came without the faults before another one starts with them. */
  readonly before?: "identified" | "running";
  readonly state: "hashing" | "fault";
  /** The reason of a fault. */
  readonly error?: Words;
  /** Of the supply's output, by the truth: `never` on from the start to the end, switched `off` again, or left `on`. */
  readonly power: "never" | "off" | "on" | "stuckOn";
  readonly mining: readonly number[];
  /** Chips of the chains that mine, where fewer than all. */
  readonly chips?: number;
  /** Slots that are isolated, and why. */
  readonly isolated?: Readonly<Record<number, Words>>;
  /** Chains that were given up, and why. */
  readonly failed?: Readonly<Record<number, Words>>;
  readonly warnings?: Readonly<Record<number, readonly Words[]>>;
  /** What is told as wrong beside the reason of the fault, isolated boards and warnings. */
  readonly troubles?: readonly ErrorCode[];
  readonly controllerVersions?: Readonly<Record<number, number>>;
  readonly withinS?: number;
}

interface Truth {
  readonly supply: { readonly isOn: boolean; readonly enableLine: 0 | 1; readonly railMv: number };
  readonly boards: readonly {
    readonly isPresent: boolean;
    readonly railMv: number;
    readonly isHarmed: boolean;
    readonly eepromWrites: number;
    readonly controller: { readonly flashCommands: number } | null;
  }[];
}

const DEFAULT_WITHIN_S = 60;
/** The lowest clock that an S19k Pro and an S19j Pro know: a bring-up of few steps. */
const FREQ_MHZ = 56.25;
const TRUTH_MS = 50;
/** Lower than the voltage at which an S19k Pro opens its cores. */
const OPEN_MV = 14_000;

/** Starts the row's machine, waits until everything is as it must be, and stops it. Throws with what is otherwise. */
export async function runRow(row: FittingRow): Promise<void> {
  const { chains = [0, 1], machine = "s19k-pro", faults } = row;
  const mine = new Rig({
    machine,
    chains,
    config: { freqMHz: FREQ_MHZ, logLevel: "debug", ...row.config },
  });
  try {
    await mine.startPools();
    mine.writeConfig();
    await mine.startVirtual();
    if (row.before !== undefined) await runOnce(mine, row.before);
    for (const fault of faults) await mine.fault(fault);
    await judge(mine, row);
  } catch (error) {
    process.stderr.write(`${mine.report()}\n`);
    throw error;
  } finally {
    await mine.stop();
  }
}

async function judge(mine: Rig, row: FittingRow): Promise<void> {
  const settings = readFileSync(mine.configFile, "utf8");
  const watch = new TruthWatch(mine);
  const earlierJobs = (await mine.virtualChains()).map(({ jobs }) => jobs);
  mine.startController();
  let wrong: readonly string[] = ["no status"];
  try {
    await until(
      async () => {
        const { isRunning, ending, lastWords } = mine.controller;
        if (!isRunning) throw new Error(`${row.name}: the controller ${ending}:\n${lastWords}`);
        const status = await mine.status();
        if (status === undefined) return undefined;
        wrong = [...wrongSaid(row, status), ...(await wrongTrue(row, mine, watch, earlierJobs))];
        return wrong.length === 0 || undefined;
      },
      { what: row.name, withinS: row.withinS ?? DEFAULT_WITHIN_S, facts: () => wrong },
    );
  } finally {
    await watch.stop();
  }
  assertTellable(await mine.status(), row);
  equal(await mine.controller.stop(), 0, "the controller ends in order");
  const { supply, boards } = await truthOf(mine);
  equal(supply.isOn, row.power === "stuckOn", "the supply is off afterwards");
  for (const board of boards) {
    equal(board.eepromWrites, 0);
    equal(board.isHarmed, false);
    equal(board.controller?.flashCommands ?? 0, 0);
  }
  equal(readFileSync(mine.configFile, "utf8"), settings, "settings are as they were");
}

async function runOnce(mine: Rig, how: "identified" | "running"): Promise<void> {
  mine.startController();
  const isIt = ({ boards, rail }: Snapshot): boolean =>
    how === "identified" ? boards.length > 0 : (rail?.setpointMv.value ?? Infinity) < OPEN_MV;
  await mine.until(`the machine is ${how}`, isIt);
  equal(await mine.controller.stop(), 0);
}

/** What the status says, and must not; empty when all is right. */
function wrongSaid(row: FittingRow, { state, boards, chains, troubles }: Snapshot): string[] {
  const { isolated = {}, failed = {}, warnings = {}, mining } = row;
  const wrong: string[] = [];
  const expectWords = (
    what: string,
    told: ErrorSnapshot | null,
    words: Words | undefined,
  ): void => {
    if (!fits(told, words)) wrong.push(`${what}: ${told === null ? "nothing" : errorText(told)}`);
  };
  if (state.is !== row.state) wrong.push(`state: ${state.is}`);
  if (state.order !== "mine") wrong.push(`order: ${state.order}`);
  if (state.setPoints.freqMHz !== FREQ_MHZ) wrong.push(`clock: ${state.setPoints.freqMHz}`);
  expectWords("error", state.error, row.error);
  if (row.state === "fault" && !((state.retryInS ?? 0) > 0)) wrong.push("no retry is planned");
  for (const board of boards) {
    expectWords(`board ${board.slot}`, board.error, isolated[board.slot]);
    const version = row.controllerVersions?.[board.slot];
    if (version !== undefined && board.controllerVersion !== version)
      wrong.push(`board ${board.slot}: controller ${board.controllerVersion}`);
    const expected = warnings[board.slot] ?? [];
    const areRight =
      board.warnings.length === expected.length &&
      expected.every((words) => board.warnings.some((told) => fits(told, words)));
    if (!areRight)
      wrong.push(`board ${board.slot} warns: ${board.warnings.map(errorText).join(", ")}`);
  }
  for (const chain of chains) {
    const { slot } = chain;
    const words = isolated[slot] ?? failed[slot];
    const isMining = mining.includes(slot);
    if ((chain.state === "hashing") !== isMining) wrong.push(`chain ${slot}: ${chain.state}`);
    if (isMining && chain.chips !== (row.chips ?? chain.expectedChips))
      wrong.push(`chain ${slot}: ${chain.chips} chips`);
    // Where the whole machine is off, its boards tell what is wrong with each.
    const isSaidByBoard = row.state === "fault" && isolated[slot] !== undefined;
    if (!isSaidByBoard && (words !== undefined || isMining))
      expectWords(`chain ${slot}`, chain.error, words);
  }
  const codes = [
    ...(row.error === undefined ? [] : [row.error.code]),
    ...Object.values(isolated).map(({ code }) => code),
    ...Object.values(warnings).flatMap((all) => all.map(({ code }) => code)),
    ...(row.troubles ?? []),
  ];
  const toldCodes = new Set(troubles.map(({ code }) => code));
  for (const code of toldCodes) if (!codes.includes(code)) wrong.push(`trouble: ${code}`);
  for (const code of codes) if (!toldCodes.has(code)) wrong.push(`no trouble: ${code}`);
  return wrong;
}

/** What is really so, and must not be. */
async function wrongTrue(
  row: FittingRow,
  mine: Rig,
  watch: TruthWatch,
  earlierJobs: readonly number[],
): Promise<string[]> {
  const wrong: string[] = [];
  const { supply, boards } = await truthOf(mine);
  const mustBeOn = row.power === "on" || row.power === "stuckOn";
  if (supply.isOn !== mustBeOn) wrong.push(`the supply is ${supply.isOn ? "on" : "off"}`);
  if (row.power === "never" && watch.wasEnabled) wrong.push("the supply was on");
  if (row.power === "stuckOn" && watch.wasEnabled) wrong.push("the enable line was driven");
  const chains = await mine.virtualChains();
  for (const [slot, chain] of chains.entries()) {
    const isMining = row.mining.includes(slot);
    const hasWork = chain.jobs > (earlierJobs[slot] ?? 0);
    if (hasWork !== isMining) wrong.push(`chain ${slot} has ${hasWork ? "" : "no "}work`);
    // A converter of its own keeps a board off that is not used.
    const isUsed = isMining || row.failed?.[slot] !== undefined;
    if (boards[slot]?.controller && !isUsed && boards[slot].railMv > 0)
      wrong.push(`board ${slot} is powered`);
  }
  return wrong;
}

/** Whoever asks a human way is told the same: reason, slot and facts in words. */
function assertTellable(status: Snapshot | undefined, row: FittingRow): void {
  const text = status === undefined ? "" : stateText(status.state);
  if (row.error !== undefined) equal(text.includes(row.error.code), true, text);
}

function fits(told: ErrorSnapshot | null, words: Words | undefined): boolean {
  if (told === null || words === undefined) return told === null && words === undefined;
  const { code, ...facts } = words;
  const entries = Object.entries(facts);
  return told.code === code && entries.every(([name, value]) => told.context[name] === value);
}

async function truthOf(mine: Rig): Promise<Truth> {
  const answer = await askVirtual(join(mine.deviceDir, "control.sock"), { do: "truth" });
  return answer as unknown as Truth;
}

/** Looks all the time whether the supply was told to be on. */
class TruthWatch {
  wasEnabled = false;
  readonly #mine: Rig;
  readonly #watching: Promise<void>;
  #isOver = false;

  constructor(mine: Rig) {
    this.#mine = mine;
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#watching;
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      const { supply } = await truthOf(this.#mine);
      if (supply.enableLine === 0) this.wasEnabled = true;
      await new Promise((resolve) => setTimeout(resolve, TRUTH_MS));
    }
  }
}
