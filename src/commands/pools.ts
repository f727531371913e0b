import { type Command, Option } from "commander";
import { askController } from "../api/control/control-client.js";
import type { PoolList } from "../app/pool-commands.js";
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

interface ControllerFlags extends JsonOption {
  readonly data: string;
}

interface AddFlags extends ControllerFlags, PoolFlags {
  readonly user: string;
  readonly name?: string;
  readonly group: string;
  readonly position?: number;
  readonly quota?: number;
}

/** Pools of the running controller: pools list, add, remove, move, test. */
export function registerPoolsCommands(program: Command): void {
  const pools = program.command("pools").description("the pools of the running controller");
  onController(pools.command("list"))
    .description("the pools in order of preference, and how each stands")
    .action(async (flags: ControllerFlags) => {
      const list = await listPools(flags.data);
      print(list, flags, () => listText(list));
    });
  addPoolOptions(onController(pools.command("add")))
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
      await change(flags, (list) => addPool(list, pool, place));
    });
  onController(pools.command("remove"))
    .description("mine for a pool no longer")
    .argument("<name>", "as pools list shows it")
    .action(async (name: string, flags: ControllerFlags) => {
      await change(flags, (list) => removePool(list, name));
    });
  onController(pools.command("move"))
    .description("change the order of preference in a group")
    .argument("<name>", "as pools list shows it")
    .argument("<position>", "place in its group, 1 is mined for first", position)
    .action(async (name: string, place: number, flags: ControllerFlags) => {
      await change(flags, (list) => movePool(list, name, place));
    });
  registerPoolsTestCommand(pools);
}

function onController(command: Command): Command {
  return command
    .requiredOption("--data <dir>", "data directory of the controller")
    .option("--json", "one JSON document");
}

async function listPools(dataDir: string): Promise<PoolList> {
  return (await askController(dataDir, "pools.list")) as PoolList;
}

/** The controller refuses a change that was made for another configuration than its present one. */
async function change(
  flags: ControllerFlags,
  make: (list: PoolList) => PoolsChange,
): Promise<void> {
  const params = make(await listPools(flags.data));
  const list = (await askController(flags.data, "pools.set", params)) as PoolList;
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
