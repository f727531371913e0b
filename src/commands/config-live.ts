import { readFileSync } from "node:fs";
import { InvalidArgumentError, type Command } from "commander";
import type { ConfigPlan, ConfigView } from "../app/config-commands.js";
import { MinerError } from "../lib/errors.js";
import { isObject, patchBetween, type JsonObject } from "../lib/merge-patch.js";
import { addControllerOptions, controllerOf } from "./open-controller.js";
import { print, table, type JsonOption } from "./output.js";

/** Set-points among the fields walk to where they are to be. */
const TIMEOUT_MS = 120_000;

interface SetFlags extends JsonOption {
  readonly file?: string;
  readonly dryRun?: true;
  readonly revision?: string;
}

const SET_HELP = `
  headframe config set cooling.maxDutyPct=80 noPool=keepWarm --data DIR
  headframe config set powerW=null --host miner-7.lan      as if the field were not in the file
  headframe config set --file part.json --dry-run --data DIR

A value is JSON, or else a text. All of it is done or nothing, and nothing when the configuration was
changed in the meantime. --dry-run tells what would change, when it takes effect, and whether hashing is
interrupted. Pools: headframe pools.`;

const DIFF_HELP = `
What would change if the file were the configuration of the running machine: what config set tells
with --dry-run. Secrets that the machine hides count as the same when the file says (hidden).`;

/** Adds the configuration of the running controller: config get, set, diff. */
export function registerLiveConfigCommands(config: Command): void {
  addControllerOptions(config.command("get"))
    .description("the configuration of the running controller, without secrets")
    .argument("[path]", "one field, as cooling.targetC")
    .action(async (path: string | undefined, flags: JsonOption, command: Command) => {
      const view = (await controllerOf(command).ask("config.get")) as ConfigView;
      const shown = path === undefined ? view.config : fieldAt(view.config, path);
      const whole = path === undefined ? view : shown;
      print(whole, flags, () => JSON.stringify(shown, undefined, 2));
    });
  addControllerOptions(config.command("set"))
    .description("change fields of the running controller's configuration")
    .argument("[values...]", "PATH=VALUE, as cooling.targetC=60", wish, [])
    .option("--file <file>", "JSON with the fields to change (RFC 7396)")
    .option("--dry-run", "only tell what would change")
    .option("--revision <text>", "only if it is still this one, as config get tells with --json")
    .addHelpText("after", SET_HELP)
    .action(async (wishes: readonly Wish[], flags: SetFlags, command: Command) => {
      const patch = wishes.reduce(put, flags.file === undefined ? {} : documentOf(flags.file));
      if (Object.keys(patch).length === 0)
        command.error("error: nothing to change: PATH=VALUE, or '--file <file>'");
      await change(patch, flags, command);
    });
  addControllerOptions(config.command("diff"))
    .description("how a configuration file differs from the running controller's")
    .argument("<file>", "a whole configuration file")
    .addHelpText("after", DIFF_HELP)
    .action(async (file: string, flags: JsonOption, command: Command) => {
      const controller = controllerOf(command);
      const wanted = documentOf(file);
      const { config, revision } = (await controller.ask("config.get")) as ConfigView;
      const patch = patchBetween(config, wanted);
      const plan = (await controller.ask("config.check", { patch, revision })) as ConfigPlan;
      print(plan, flags, () => planText(plan, "would take effect"));
    });
}

/** Without a given revision the one that the controller has now. */
async function change(patch: JsonObject, flags: SetFlags, command: Command): Promise<void> {
  const controller = controllerOf(command);
  const revision = flags.revision ?? ((await controller.ask("config.get")) as ConfigView).revision;
  const name = flags.dryRun === true ? "config.check" : "config.set";
  const plan = (await controller.ask(name, { patch, revision }, TIMEOUT_MS)) as ConfigPlan;
  print(plan, flags, () => planText(plan, flags.dryRun ? "would take effect" : "takes effect"));
}

/** Of a controller of whatever version. */
type Plan = Omit<ConfigPlan, "interruptsHashing"> & { readonly interruptsHashing: boolean };

/** A plan for people. */
function planText({ changes, interruptsHashing, needsRestart }: Plan, when: string): string {
  if (changes.length === 0) return "nothing changes";
  const shown = (value: unknown): string => (value === null ? "-" : JSON.stringify(value));
  const rows = changes.map(({ path, before, after, takesEffect }) => [
    ...[path, shown(before), shown(after)],
    takesEffect === "now" ? "now" : "with the next restart",
  ]);
  return [
    table([["field", "before", "after", when], ...rows]),
    interruptsHashing ? "hashing is interrupted" : "hashing goes on",
    ...(needsRestart ? ["for the rest: headframe restart, which interrupts hashing"] : []),
  ].join("\n");
}

/** A field by the names of those that it stands in, and what it is to be. */
type Wish = readonly [path: readonly string[], value: unknown];

/** Commander parser for PATH=VALUE, again and again. */
function wish(text: string, before: readonly Wish[]): readonly Wish[] {
  const [, path, value] = /^([\w.]+)=(.*)$/s.exec(text) ?? [];
  if (path === undefined || value === undefined)
    throw new InvalidArgumentError("expected PATH=VALUE, as cooling.targetC=60");
  return [...before, [path.split("."), valueOf(value)]];
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** A patch with one more field; null stays, as it takes a field away. */
function put(patch: JsonObject, [[name = "", ...rest], value]: Wish): JsonObject {
  const inner = isObject(patch[name]) ? patch[name] : {};
  return { ...patch, [name]: rest.length === 0 ? value : put(inner, [rest, value]) };
}

/** @throws USAGE when there is no such field */
function fieldAt(config: JsonObject, path: string): unknown {
  let at: unknown = config;
  for (const name of path.split(".")) {
    if (!isObject(at) || !Object.hasOwn(at, name))
      throw new MinerError("USAGE", { path, reason: "no such field in the configuration" });
    at = at[name];
  }
  return at;
}

/** @throws USAGE when the file is no JSON object */
function documentOf(file: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MinerError("USAGE", { file, reason }, { cause });
  }
  if (!isObject(value)) throw new MinerError("USAGE", { file, expected: "a JSON object" });
  return value;
}
