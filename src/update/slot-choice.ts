import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { writeFileDurably } from "../lib/durable-file.js";
import { MinerError } from "../lib/errors.js";
import { keepAside } from "../lib/keep-aside.js";
import { SLOT_NAMES, type SlotName } from "./update-config.js";

/** Which slot the next start boots. The first stage of the boot takes one off `triesLeft` before it boots `trial`. */
export interface SlotChoice {
  /** Booted where nothing is tried. */
  readonly active: SlotName;
  readonly trial: SlotName | undefined;
  readonly triesLeft: number;
}

const SHAPE = /^ACTIVE=([ab])\nTRY=([ab]?)\nTRIES_LEFT=(\d)\n?$/;

/** Lines that a shell can read. */
export function choiceText({ active, trial, triesLeft }: SlotChoice): string {
  return `ACTIVE=${active}\nTRY=${trial ?? ""}\nTRIES_LEFT=${String(triesLeft)}\n`;
}

/** Undefined: it is none. */
export function parseChoice(text: string): SlotChoice | undefined {
  const [, active, trial, tries] = SHAPE.exec(text) ?? [];
  if (active === undefined) return undefined;
  return { active: active as SlotName, trial: slotOf(trial), triesLeft: Number(tries) };
}

/**
 * The choice as the disk holds it. Without a file the running slot is the chosen one, and with one that is damaged too:
 * that is told, and the file kept.
 */
export async function readChoice(
  path: string,
  running: SlotName,
  onTrouble: (error: MinerError) => void,
): Promise<SlotChoice> {
  const usual: SlotChoice = { active: running, trial: undefined, triesLeft: 0 };
  const bytes = await readFile(path).catch(() => undefined); // as good as none
  if (bytes === undefined) return usual;
  const choice = parseChoice(bytes.toString("utf8"));
  if (choice !== undefined) return choice;
  const keptAs = (await keepAside(path, "damaged", bytes)) ?? null;
  onTrouble(new MinerError("UPDATE_CHOICE_UNREADABLE", { file: path, keptAs }));
  return usual;
}

/** Whenever power fails, the old or the new choice is there whole. Rejects with what the operating system says. */
export async function writeChoice(path: string, choice: SlotChoice): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFileDurably(path, choiceText(choice));
}

/** Rejects with UPDATE_SLOT_UNKNOWN */
export async function readRunningSlot(path: string): Promise<SlotName> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new MinerError("UPDATE_SLOT_UNKNOWN", { file: path, reason: String(cause) }, { cause });
  });
  const slot = slotOf(text.trim());
  if (slot === undefined)
    throw new MinerError("UPDATE_SLOT_UNKNOWN", { file: path, found: text.slice(0, 40) });
  return slot;
}

function slotOf(text: string | undefined): SlotName | undefined {
  return SLOT_NAMES.find((name) => name === text);
}
