import { asc, boardCount, deviceDetails, devs, notify, pgaCount } from "./board-replies.js";
import * as machine from "./machine-orders.js";
import * as replies from "./machine-replies.js";
import { notAvailable, type Orders } from "./orders.js";
import type { MinerPicture } from "./picture.js";
import * as poolOrders from "./pool-orders.js";
import { pools } from "./pool-replies.js";
import { profiles, thermalControl } from "./profiles.js";
import { failure, success, type Reply } from "./reply.js";
import type { Session } from "./session.js";
import { debugStats, stats } from "./stats-replies.js";

/** What a command is answered from. */
export interface Turn {
  readonly picture: MinerPicture;
  readonly parameter: string | undefined;
  readonly orders: Orders;
  readonly session: Session;
  /** Whether this client may use a command; undefined: there is none of that name. */
  readonly access: (command: string) => boolean | undefined;
}

interface Command {
  /** Documented: cgminer joins reports, and nothing that takes a parameter. */
  readonly isJoinable: boolean;
  readonly run: (turn: Turn) => Reply | Promise<Reply>;
}

/** Every command by its name. Which of them change something: src/app/cgminer-access.ts. */
const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ...reports({
    version: replies.version,
    config: replies.config,
    summary: replies.summary,
    pools,
    devdetails: deviceDetails,
    notify,
    coin: replies.coin,
    lcd: replies.lcd,
    devs: (picture) => devs(picture, true),
    edevs: (picture) => devs(picture, false),
    ...{ stats, estats: stats, dbgstats: debugStats },
    ...{ asccount: boardCount, pgacount: pgaCount },
    usbstats: () => failure(88, "No USB Statistics", "I"),
    ...{ temps: replies.temps, fans: replies.fans, power: replies.power },
    ...{ tempctrl: replies.temperatureControl, atm: thermalControl, profiles },
  }),
  ...singles({
    asc: ({ picture, parameter }) => asc(picture, parameter),
    check,
    privileged: () => success(46, "Privileged access OK"),
    switchpool: poolOrders.switchPool,
    enablepool: poolOrders.enablePool,
    disablepool: poolOrders.disablePool,
    removepool: poolOrders.removePool,
    addpool: poolOrders.addPool,
    poolpriority: poolOrders.setPriorities,
    poolquota: poolOrders.setQuota,
    ascenable: (turn) => machine.switchBoard(turn, "ascenable"),
    ascdisable: (turn) => machine.switchBoard(turn, "ascdisable"),
    ascidentify: machine.identifyBoard,
    ascset: machine.setBoard,
    zero: machine.zero,
    // Every change is on the disk before it is answered.
    save: () => success(44, "Configuration saved to file 'config.json'"),
    quit: (turn) => machine.restart(turn, "BYE"),
    restart: (turn) => machine.restart(turn, "RESTART"),
    pause: machine.pause,
    resume: machine.resume,
    session: ({ session }) => session.show(),
    logon: ({ session }) => session.logon(),
    logoff: ({ session, parameter }) => session.logoff(parameter),
    kill: ({ session }) => session.kill(),
    curtail: machine.curtail,
    profileset: machine.setProfile,
    ledset: machine.setLed,
    rebootdevice: machine.reboot,
    hotplug: () => failure(102, "Hotplug is not available", "W"),
    lockstats: () => failure(124, "Lock stats not enabled", "W"),
    debug: () => notAvailable("debug", "see the log of the program"),
    setconfig: () => notAvailable("setconfig", "see the configuration file"),
    "failover-only": () => notAvailable("failover-only", "pools always fail over"),
  }),
]);

export function commandOf(name: string): Command | undefined {
  return COMMANDS.get(name);
}

function reports(
  entries: Readonly<Record<string, (picture: MinerPicture) => Reply>>,
): readonly (readonly [string, Command])[] {
  return Object.entries(entries).map(([name, make]) => [
    name,
    { isJoinable: true, run: ({ picture }) => make(picture) },
  ]);
}

function singles(
  entries: Readonly<Record<string, Command["run"]>>,
): readonly (readonly [string, Command])[] {
  return Object.entries(entries).map(([name, run]) => [name, { isJoinable: false, run }]);
}

function check({ parameter, access }: Turn): Reply {
  if (parameter === undefined) return failure(71, "Missing check cmd");
  const may = access(parameter);
  const fields = { Exists: may === undefined ? "N" : "Y", Access: may === true ? "Y" : "N" };
  return success(72, "Check command", "CHECK", [fields]);
}
