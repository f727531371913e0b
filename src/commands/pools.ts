import { type Command, Option } from "commander";
import type { Controller } from "../api/client/controller.js";
import type { PoolList } from "../app/pool-commands.js";
import { addControllerOptions, controllerOf } from "./open-controller.js";
import { type JsonOption, print, table } from "./output.js";
import { poolCells, poolTroubles, POOL_HEADINGS } from "./pool-text.js";
import { addPool, movePool, type PoolsChange, removePool } from "./pools-change.js";
import {
  addPoolOptions,
  poolEntryOf,
  type PoolFlags,
  position,
  positiveNumber,
} from "./pools-options.js";
import { registerPoolsTestCommand } from "./pools-test.js";

interface AddFlags extends JsonOption, PoolFlags {
  readonly user: string;
  readonly name?: string;
  readonly group: string;
  readonly position?: number;
  readonly quota?: number;
}

/** Pools of the running controller: pools list, add, remove, move, test. */
export function registerPoolsCommands(program: Command): void {
  const pools = program.command("pools").description("the pools of the running controller");
  addControllerOptions(pools.command("list"))
    .description("the pools in order of preference, and how each stands")
    .action(async (flags: JsonOption, command: Command) => {
      const list = await listPools(controllerOf(command));
      print(list, flags, () => listText(list));
    });
  addControllerOptions(addPoolOptions(pools.command("add")))
    .description("mine for another pool; takes effect at once and is kept")
    .argument("<url>", "stratum+tcp://host:port or stratum+ssl://host:port")
    .option("--name <name>", "what to call it; host and port when left out")
    .option("--group <name>", "pools of a group stand in for each other", "main")
    .option("--quota <number>", "part of the hash power that the group gets", positiveNumber)
    .addOption(
      new Option("--position <number>", "place in its group, 1 is mined for first").argParser(
        position,
      ),
    )
    .action(async (url: string, flags: AddFlags, command: Command) => {
      if ((flags.user as string | undefined) === undefined)
        command.error("error: required option '--user <name>' not specified");
      const { name, group, quota } = flags;
      const pool = {
        ...poolEntryOf(url, flags.user, flags),
        group,
        ...(name !== undefined && { name }),
      };
      const place = {
        ...(flags.position !== undefined && { position: flags.position }),
        ...(quota !== undefined && { quota }),
      };
      await change(flags, command, (list) => addPool(list, pool, place));
    });
  addControllerOptions(pools.command("remove"))
    .description("mine for a pool no longer")
    .argument("<name>", "as pools list shows it")
    .action(async (name: string, flags: JsonOption, command: Command) => {
      await change(flags, command, (list) => removePool(list, name));
    });
  addControllerOptions(pools.command("move"))
    .description("change the order of preference in a group")
    .argument("<name>", "as pools list shows it")
    .argument("<position>", "place in its group, 1 is mined for first", position)
    .action(async (name: string, place: number, flags: JsonOption, command: Command) => {
      await change(flags, command, (list) => movePool(list, name, place));
    });
  registerPoolsTestCommand(pools);
}

async function listPools(controller: Controller): Promise<PoolList> {
  return (await controller.ask("pools.list")) as PoolList;
}

/** The controller refuses a change that was made for another configuration than its present one. */
async function change(
  flags: JsonOption,
  command: Command,
  make: (list: PoolList) => PoolsChange,
): Promise<void> {
  const controller = controllerOf(command);
  const params = make(await listPools(controller));
  const list = (await controller.ask("pools.set", { ...params })) as PoolList;
  print(list, flags, () => listText(list));
}

const HEADINGS = ["group", "quota", "#", "name", ...POOL_HEADINGS, "user", "url"];

/** The pools for people. */
function listText({ pools, groups, status }: PoolList): string {
  const states = new Map(
    status.flatMap((group) => group.pools).map((pool) => [pool.name, pool] as const),
  );
  const rows = groups.flatMap((group) =>
    pools
      .filter((pool) => pool.group === group.name)
      .map((pool, index) => [
        group.name,
        String(group.quota),
        String(index + 1),
        pool.name,
        ...poolCells(states.get(pool.name)),
        pool.user,
        pool.url,
      ]),
  );
  const troubles = [...states.values()].flatMap(poolTroubles);
  return [table([HEADINGS, ...rows]), ...troubles].join("\n");
}
