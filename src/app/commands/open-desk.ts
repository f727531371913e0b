import { join } from "node:path";
import type { Clock } from "../../lib/clock.js";
import type { LogRing } from "../../lib/log-ring.js";
import type { Logger } from "../../lib/logger.js";
import { cgminerScopes } from "../cgminer-config.js";
import type { ConfigStore } from "../config-store.js";
import { journalFile } from "../kept/journal.js";
import type { KeptData } from "../kept/kept-data.js";
import { Locator } from "../locator.js";
import { LogCommands } from "../log-commands.js";
import type { MachineHardware } from "../machine/machine-hardware.js";
import type { Miner } from "../miner.js";
import { openUpdates } from "../open-updates.js";
import { rebootProgram } from "../reboot.js";
import { supportBundle, type SupportParts } from "../support/support-bundle.js";
import { AnswerBook } from "./answer-book.js";
import { CommandDesk } from "./command-desk.js";
import { commandTable } from "./command-table.js";
import { mqttScopes } from "./mqtt-scopes.js";

const ANSWERS_FILE = "answers.json";

export interface DeskParts {
  readonly dataDir: string;
  readonly miner: Miner;
  readonly hardware: MachineHardware;
  readonly store: ConfigStore;
  readonly kept: KeptData;
  readonly lines: LogRing;
  /** Ends the controller for another one; what is to be answered. */
  readonly restart: () => unknown;
  /** Ends it and starts the control board anew by this program. */
  readonly reboot: (program: string) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Where all orders come in, and the end of what it needs. */
export interface OpenDesk {
  readonly desk: CommandDesk;
  readonly close: () => Promise<void>;
}

/** Never fails. */
export async function openDesk(parts: DeskParts): Promise<OpenDesk> {
  const { dataDir, miner, store, kept, clock, log } = parts;
  const { life, pools, power } = miner;
  const { journal, onTrouble } = kept;
  const book = await AnswerBook.open({ path: join(dataDir, ANSWERS_FILE), clock, onTrouble });
  const { hardware } = parts.hardware;
  const locator = new Locator({ board: store.config.board, hardware, clock, log });
  const flush = (): Promise<boolean> => journal.flush();
  const logs = new LogCommands({
    lines: parts.lines,
    events: { file: journalFile(dataDir), flush },
  });
  const reboot = (): void => {
    parts.reboot(rebootProgram(store.config));
  };
  const updates = await openUpdates({ dataDir, miner, store, kept, reboot, clock, log });
  const commands = commandTable({
    ...{ life, power, pools, store, kept, locator, logs, restart: parts.restart },
    cooling: parts.hardware.cooling,
    updates,
    reboot: () => {
      reboot();
      return { accepted: true };
    },
    support: (wish) => supportBundle(supportParts(parts, logs), wish),
    snapshot: () => miner.snapshot(),
  });
  const desk = new CommandDesk({
    commands,
    scopes: {
      socket: ["read", "operate", "configure"],
      // Tokens and sessions are judged before.
      http: ["read", "operate", "configure"],
      mqtt: mqttScopes(store.config.mqtt),
      cgminer: cgminerScopes(store.config.cgminer),
      // Whoever presses it stands at the machine.
      button: ["operate"],
    },
    ...{ journal, book, clock, revision: () => store.revision },
  });
  const close = async (): Promise<void> => {
    await locator.stop().catch(() => undefined); // it is as the light was left
    await updates?.stop();
    await book.stop();
  };
  return { desk, close };
}

function supportParts(
  { dataDir, miner, store, kept, clock }: DeskParts,
  logs: LogCommands,
): SupportParts {
  return {
    dataDir,
    documents: () => ({
      snapshot: miner.snapshot(),
      log: logs.all(),
      boards: miner.life.fitted?.slots.map(({ slot, eeprom, controllerVersion }) => ({
        ...{ slot, eeprom, controllerVersion },
      })),
    }),
    config: () => store.file(),
    flush: () => kept.journal.flush(),
    clock,
  };
}
