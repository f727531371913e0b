import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file for each turn that is taken, by its number: of them only one process can make each. */
const FOLDER = join(tmpdir(), "headframe-starts");
/** Measured on two cores: a machine takes a second of them to start and bring its chips up, and a tenth of one later. */
const TURN_MS = 800;

/**
 * Resolves when it is the caller's turn to start a machine. Six files at a time start thirty of them otherwise, whose
 * sensors are then silent for longer than safety bears.
 */
export async function startTurn(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const now = Math.ceil(Date.now() / TURN_MS);
  for (const name of readdirSync(FOLDER))
    if (Number(name) < now) rmSync(join(FOLDER, name), { force: true });
  let turn = now;
  while (!isMade(turn)) turn += 1;
  await new Promise((resolve) => setTimeout(resolve, turn * TURN_MS - Date.now()));
}

function isMade(turn: number): boolean {
  try {
    writeFileSync(join(FOLDER, String(turn)), "", { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
