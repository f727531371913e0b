import { join } from "node:path";
import { systemClock } from "../../../src/lib/clock.js";
import { Update } from "../../../src/update/update-config.js";
import { Updates } from "../../../src/update/updates.js";
import { BOARD } from "./bundles.js";

/** A program that installs the bundle of a folder, and says how far it is. */
async function updateProcess(dir: string): Promise<void> {
  const at = (name: string): string => join(dir, name);
  const say = (text: string): void => {
    process.stdout.write(`${text}\n`);
  };
  const updates = await Updates.open({
    config: Update.parse({
      slots: { a: at("a"), b: at("b") },
      ...{ runningSlotFile: at("slot"), choiceFile: at("boot/slots.env") },
      ...{ makerKeysDir: at("keys"), rateMbPerS: 1000 },
    }),
    ...{ dataDir: dir, board: BOARD, version: "1.0.0", clock: systemClock },
    health: () => ({ isWanted: true, state: "hashing", accepted: 0, hottestC: 50, trips: 0 }),
    reboot: () => {
      say("reboot");
    },
    tell: say,
    onTrouble: ({ message }) => {
      throw new Error(message);
    },
  });
  say("open");
  if (updates.snapshot().phase === "trial") await updates.confirm("owner");
  updates.install({ file: at("bundle"), mayBeOlder: true, reboot: true });
  await updates.ended();
  say(updates.snapshot().phase);
  // Whoever started it ends it.
  setInterval(() => undefined, 1000);
}

await updateProcess(process.argv[2] ?? "");
