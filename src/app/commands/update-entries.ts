import * as z from "zod/mini";
import { MinerError } from "../../lib/errors.js";
import type { Updates } from "../../update/updates.js";
import { command, plainCommand, type CommandEntry } from "./command-entry.js";

const Url = z.string().check(z.regex(/^https?:\/\/[^\s@]+$/, "expected http:// or https://"));

/** A bundle: where it is to be fetched, or a file of this computer. */
const InstallWish = z
  .strictObject({
    url: z.optional(Url),
    file: z.optional(z.string().check(z.startsWith("/"))),
    /** An older version, or the same again, is meant. */
    downgrade: z.optional(z.boolean()),
    /** False: the next start tries it, whenever that is. */
    reboot: z.optional(z.boolean()),
  })
  .check(
    z.refine(
      ({ url, file }) => (url === undefined) !== (file === undefined),
      "expected url or file",
    ),
  );

const KeyToAdd = z.strictObject({
  key: z.string().check(z.maxLength(1000)),
  name: z.optional(z.string().check(z.maxLength(64))),
});
const KeyToRemove = z.strictObject({
  id: z.string(),
  /** Even where no update could be installed any more. */
  last: z.optional(z.boolean()),
});

/** The commands about the program itself. Undefined: this machine has no slots, which each of them says. */
export function updateEntries(
  updates: Updates | undefined,
): Readonly<Record<string, CommandEntry>> {
  const its = (): Updates => {
    if (updates === undefined) throw new MinerError("UPDATE_UNAVAILABLE");
    return updates;
  };
  return {
    "update.status": plainCommand("read", () => its().status()),
    "update.install": command(
      "configure",
      InstallWish,
      "url or file, and perhaps downgrade and reboot (booleans)",
      ({ url, file, downgrade = false, reboot = true }) =>
        its().install({ url, file, mayBeOlder: downgrade, reboot }),
      true,
    ),
    "update.cancel": plainCommand("configure", () => its().cancel()),
    "update.confirm": plainCommand("configure", () => its().confirm("owner")),
    "update.rollback": plainCommand("configure", () => its().rollback("owner")),
    "keys.list": plainCommand("read", () => ({ keys: its().keys.list() })),
    "keys.add": command(
      "configure",
      KeyToAdd,
      "key (the text of a .pub file) and perhaps name",
      ({ key, name = "" }) => its().keys.add(key, name),
      true,
    ),
    "keys.remove": command(
      "configure",
      KeyToRemove,
      "id, and last (true) where it is the last",
      ({ id, last = false }) => its().keys.remove(id, last),
      true,
    ),
  };
}
