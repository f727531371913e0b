import { deepEqual } from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { assertBuilt } from "../simulated/program.js";
import { playRow } from "./play.js";
import { MACHINE_OF, type HardwareRow, type RowResult } from "./row.js";
import { ROWS } from "./rows.js";
import { report } from "./report.js";
import { WallMachine } from "./wall-machine.js";

/**
 * Machines at the same time: most of a row is waiting. More make one another late on two cores, and the guard cuts what is
 * half a second late.
 */
const JOBS = Number(process.env["HARDWARE_WALL_JOBS"] ?? 8);
/** A regular expression: which rows. */
const CHOSEN = new RegExp(process.env["HARDWARE_WALL_ROWS"] ?? "", "i");
/** How often each row is played. */
const TIMES = Number(process.env["HARDWARE_WALL_TIMES"] ?? 1);

/** Also rows that are left to scripts/soak. */
const ARE_LONG_PLAYED = process.env["HARDWARE_WALL_LONG"] === "1";

const rows = ROWS.filter(
  ({ name, isLong = false }) => CHOSEN.test(name) && (ARE_LONG_PLAYED || !isLong),
);

describe("the wall of hardware faults", function () {
  this.timeout(0);
  const results = new Map<HardwareRow, Promise<readonly RowResult[]>>();

  before(() => {
    assertBuilt();
    for (const [row, result] of playAll()) results.set(row, result);
  });

  const judged = new Set<HardwareRow>();
  for (const row of rows)
    it(`${row.name}: ${row.effect} by ${row.acts}`, async () => {
      // A second try plays alone: a computer that is late makes everything late that plays on it.
      if (judged.has(row)) {
        await Promise.all(results.values());
        results.set(row, playAlone(row));
      }
      judged.add(row);
      const played = (await results.get(row)) ?? [];
      deepEqual(
        played.flatMap(({ failures }) => failures),
        [],
      );
    });

  after(async () => {
    const all = (await Promise.all(results.values())).flat();
    mkdirSync("build", { recursive: true });
    writeFileSync("build/hardware-wall.json", `${JSON.stringify(all, undefined, 2)}\n`);
    process.stdout.write(`\n${report(all)}\n`);
  });
});

/** Each lane keeps a machine as long as there are rows for it. */
function playAll(): ReadonlyMap<HardwareRow, Promise<readonly RowResult[]>> {
  const settle = new Map<HardwareRow, (played: readonly RowResult[]) => void>();
  const results = new Map(
    rows.map((row) => [
      row,
      new Promise<readonly RowResult[]>((resolve) => settle.set(row, resolve)),
    ]),
  );
  // Long rows first, so that none of them is left alone at the end.
  const waiting = [...rows].sort((a, b) => b.withinS - a.withinS);
  /** The next row for a machine; of another one when there is none left. */
  const next = (machine: WallMachine | undefined): HardwareRow | undefined => {
    const fitting = waiting.findIndex((row) => MACHINE_OF(row) === machine?.name);
    return waiting.splice(Math.max(0, fitting), 1)[0];
  };
  const work = async (): Promise<void> => {
    let machine: WallMachine | undefined;
    for (let row = next(undefined); row !== undefined; row = next(machine)) {
      const played: RowResult[] = [];
      for (let time = 0; time < TIMES; time += 1) {
        const result = await playOn(machine, row);
        machine = result.machine;
        played.push(result.played);
      }
      settle.get(row)?.(played);
    }
    await machine?.stop();
  };
  for (let lane = 0; lane < JOBS; lane += 1) void work();
  return results;
}

async function playAlone(row: HardwareRow): Promise<readonly RowResult[]> {
  const { machine, played } = await playOn(undefined, row);
  await machine?.stop();
  return [played];
}

/** Plays a row on this machine if it fits, else on a new one. What failed leaves no machine to the next row. */
async function playOn(
  given: WallMachine | undefined,
  row: HardwareRow,
): Promise<{ readonly machine: WallMachine | undefined; readonly played: RowResult }> {
  const name = MACHINE_OF(row);
  let machine = given;
  if (machine?.name !== name) {
    await machine?.stop();
    machine = new WallMachine(name);
    try {
      await machine.start();
    } catch (error) {
      process.stderr.write(machine.report());
      await machine.stop();
      const none = { reactionMs: null, tripToOffMs: null, backS: null, tookS: 0 };
      const { acts, effect } = row;
      const failures = [`start: ${error instanceof Error ? error.message : String(error)}`];
      return { machine: undefined, played: { name: row.name, acts, effect, ...none, failures } };
    }
  }
  const played = await playRow(row, machine);
  if (played.failures.length === 0) return { machine, played };
  await machine.stop();
  return { machine: undefined, played };
}
