import { resolve } from "node:path";
import type { Command } from "commander";
import type { TrustedKey } from "../update/trusted-keys.js";
import type { UpdateStatus } from "../update/updates.js";
import type { UpdateSnapshot } from "../telemetry/update-snapshot.js";
import { errorText } from "./machine-text.js";
import { addControllerOptions, controllerOf } from "./open-controller.js";
import { print, table, type JsonOption } from "./output.js";

interface InstallFlags extends JsonOption {
  readonly downgrade?: boolean;
  readonly reboot: boolean;
}

const ORDERS = {
  confirm: "keep the version on trial without waiting for its proof",
  rollback: "start the former version",
  cancel: "end what is on its way, or take back what would be tried",
} as const;

/** Adds `update`, and the keys whose bundles are taken. */
export function registerUpdateCommands(program: Command): void {
  const update = addControllerOptions(program.command("update"))
    .description("install a new version: checked, written beside the running one, tried once")
    .argument("<bundle>", "address (http, https), or a file of the machine")
    .option("--downgrade", "an older version, or the same again, is meant")
    .option("--no-reboot", "the next start tries it, whenever that is")
    .action(async (bundle: string, _flags: unknown, command: Command) => {
      const { downgrade, reboot, json }: InstallFlags = command.optsWithGlobals();
      const isUrl = /^https?:\/\//.test(bundle);
      const source = isUrl ? { url: bundle } : { file: resolve(bundle) };
      const params = { ...source, downgrade: downgrade === true, reboot };
      const reply = await controllerOf(command).ask("update.install", params);
      print(reply, { json: json === true }, () => snapshotText(reply as UpdateSnapshot));
    });
  addControllerOptions(update.command("status"))
    .description("what runs, what is on its way, how the last one ended")
    .action(async (_flags: unknown, command: Command) => {
      const reply = await controllerOf(command).ask("update.status");
      print(reply, command.optsWithGlobals(), () => statusText(reply as UpdateStatus));
    });
  for (const [name, description] of Object.entries(ORDERS))
    addControllerOptions(update.command(name))
      .description(description)
      .action(async (_flags: unknown, command: Command) => {
        const reply = await controllerOf(command).ask(`update.${name}`);
        print(reply, command.optsWithGlobals(), () => snapshotText(reply as UpdateSnapshot));
      });
  registerKeys(program);
}

function registerKeys(program: Command): void {
  const keys = program.command("keys").description("whose bundles the machine installs");
  addControllerOptions(keys.command("list"))
    .description("the keys of minisign that are trusted")
    .action(async (flags: JsonOption, command: Command) => {
      const reply = (await controllerOf(command).ask("keys.list")) as {
        readonly keys: readonly TrustedKey[];
      };
      print(reply, flags, () => keysText(reply.keys));
    });
  addControllerOptions(keys.command("add"))
    .description("trust another key")
    .argument("<key>", "the line of base64 of a .pub file of minisign")
    .option("--name <name>", "as the list is to call it")
    .action(async (key: string, flags: JsonOption & { name?: string }, command: Command) => {
      const { name = "" } = flags;
      const added = (await controllerOf(command).ask("keys.add", { key, name })) as TrustedKey;
      print(added, flags, () => `${added.id} is trusted from now on`);
    });
  addControllerOptions(keys.command("remove"))
    .description("trust a key no more, the maker's too")
    .argument("<id>", "as keys list shows it")
    .option("--last", "even where no update could be installed any more")
    .action(async (id: string, flags: JsonOption & { last?: boolean }, command: Command) => {
      const params = { id, last: flags.last === true };
      const reply = await controllerOf(command).ask("keys.remove", params);
      print(reply, flags, () => `${id} is not trusted any more`);
    });
}

function snapshotText(update: UpdateSnapshot): string {
  const { phase, version, progressPct, error, runningVersion, slot } = update;
  const what = version === null ? "" : ` of ${version}`;
  const progress = progressPct === null ? "" : `, ${String(progressPct)} %`;
  const lines = [`runs ${runningVersion} in slot ${slot ?? "?"}; ${phase}${what}${progress}`];
  if (error !== null) lines.push(errorText(error));
  return lines.join("\n");
}

function statusText(status: UpdateStatus): string {
  const { slots, floor, trial, last } = status;
  const held = (slot: "a" | "b"): string => `${slot}: ${slots[slot]?.version ?? "unknown"}`;
  const lines = [snapshotText(status), `${held("a")}, ${held("b")}; nothing older than ${floor}`];
  if (trial !== null)
    lines.push(`well for ${trial.wellS.toFixed(0)} s; lacks ${trial.lacks ?? "only time"}`);
  if (last !== null)
    lines.push(`last: ${last.version} ${last.outcome}, ${new Date(last.atUnixMs).toISOString()}`);
  return lines.join("\n");
}

function keysText(keys: readonly TrustedKey[]): string {
  if (keys.length === 0) return "no key is trusted: no update can be installed";
  return table([["id", "by", "name"], ...keys.map(({ id, by, name }) => [id, by, name])]);
}
