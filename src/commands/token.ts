import { Option, type Command } from "commander";
import { HTTP_SCOPES, type HttpScope } from "../api/http/auth/scopes.js";
import type { ListedToken } from "../api/http/auth/access-book.js";
import { addControllerOptions, controllerOf } from "./open-controller.js";
import { print, table, type JsonOption } from "./output.js";

interface AddFlags extends JsonOption {
  readonly scope: HttpScope;
}

const HELP = `
A token lets a program in over HTTP: read looks, operate changes what the machine does now, own changes
everything. Its text is told once, on standard output. With --data the controller of this computer makes
it, while it runs with http in its configuration: no password is needed, as whoever reaches the data
directory has the machine in hand.`;

/** Adds the tokens of the HTTP interface: token list, add, remove. */
export function registerTokenCommands(program: Command): void {
  const token = program.command("token").description("who may ask the machine over HTTP");
  addControllerOptions(token.command("list"))
    .description("the tokens, without their text")
    .action(async (flags: JsonOption, command: Command) => {
      const answer = await controllerOf(command).ask("tokens.list");
      const { tokens } = answer as { readonly tokens: readonly ListedToken[] };
      print({ tokens }, flags, () => listText(tokens));
    });
  addControllerOptions(token.command("add"))
    .description("make a token")
    .argument("<name>", "as the journal is to call who uses it")
    .addOption(
      new Option("--scope <scope>", "what it may").choices(HTTP_SCOPES).makeOptionMandatory(),
    )
    .addHelpText("after", HELP)
    .action(async (name: string, { scope, ...flags }: AddFlags, command: Command) => {
      const made = await controllerOf(command).ask("tokens.add", { name, scope });
      print(made, flags, () => (made as { readonly token: string }).token);
    });
  addControllerOptions(token.command("remove"))
    .description("take a token away: it is refused from then on")
    .argument("<id>", "as token list shows it")
    .action(async (id: string, flags: JsonOption, command: Command) => {
      const reply = await controllerOf(command).ask("tokens.remove", { id });
      print(reply, flags, () => `${id} is refused from now on`);
    });
}

function listText(tokens: readonly ListedToken[]): string {
  if (tokens.length === 0) return "there is no token";
  const time = (unixMs: number | null): string =>
    unixMs === null ? "-" : new Date(unixMs).toISOString();
  return table([
    ["id", "name", "scope", "made", "used last"],
    ...tokens.map(({ id, name, scope, createdUnixMs, lastUsedUnixMs }) => [
      ...[id, name, scope, time(createdUnixMs), time(lastUsedUnixMs)],
    ]),
  ]);
}
