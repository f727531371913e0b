import { readFileSync } from "node:fs";
import * as z from "zod/mini";
import en from "zod/v4/locales/en.js";
import { candidateTtys } from "../boards/candidate-ttys.js";
import { loadDrivenMachine } from "../boards/load-machine.js";
import { type ControlBoard, type DrivenMachine, type MachineSpec } from "../boards/machine-spec.js";
import { ALLOWABLE_NAMES, assertDrivable } from "../boards/obstacles.js";
import { coolingPlan, type CoolingPlan } from "../cooling/cooling-plan.js";
import { MinerError } from "../lib/errors.js";
import { schemaFaults } from "../lib/schema-faults.js";
import { drivenFacts } from "./machine/driven-facts.js";
import { looserWish, OwnLimits } from "./machine/own-limits.js";
import { withoutSecrets } from "./config-secrets.js";
import { Cgminer } from "./cgminer-config.js";
import { Cooling, wrongCooling } from "./cooling-config.js";
import type { HardwareWish } from "./hardware-finding.js";
import { Http } from "./http-config.js";
import { IpReport } from "./ip-report-config.js";
import { Mdns } from "./mdns-config.js";
import { Mqtt } from "./mqtt-config.js";
import { contradictionOf, Failover, Group, Pools } from "./pool-config.js";
import { wrongPower } from "./power-config.js";
import { withSystemDefaults } from "./system-defaults.js";
import { Update } from "../update/update-config.js";

/** Ticket masks are powers of two. */
const TicketDifficulty = z.int().check(
  z.minimum(1),
  z.maximum(2 ** 31),
  z.refine((value) => Number.isInteger(Math.log2(value)), "expected a power of two"),
);

/** Characters before the fault, where the quotation does not begin with the text. */
const V8_QUOTED_BEFORE = 10;

/** The configuration file. */
export const ConfigFile = z.strictObject({
  /** Name of a file in boards/machines. */
  machine: z.string(),
  /** Name of a file in boards/control-boards that the machine lists. */
  controlBoard: z.string(),
  /** Dangerous values of machine and control board that are inferred and may be used all the same. */
  allowInferred: z._default(z.array(z.enum(ALLOWABLE_NAMES)), []),
  /** Where the control board's device names are found. */
  deviceDir: z._default(z.string(), "/dev"),
  network: z._default(z.enum(["mainnet", "virtual"]), "mainnet"),
  /** In order of preference within their group. */
  pools: Pools,
  /** Who shares the hash power, in which proportion; all equal when left out. */
  groups: z.optional(z.array(Group).check(z.minLength(1))),
  failover: z.optional(Failover),
  /** Without any pool: `stop` hashing, or `keepWarm` by going on with the last work, for nothing. */
  noPool: z._default(z.enum(["stop", "keepWarm"]), "stop"),
  /** Clock of the chips; the machine's nominal clock when left out. */
  freqMHz: z.optional(z.number()),
  /** Input voltage of the hashboards, millivolts; the machine's own when left out. */
  railMv: z.optional(z.int().check(z.minimum(1))),
  /** Watts that the machine is held to by its clock; no limit when left out. */
  powerW: z.optional(z.number().check(z.positive())),
  /** Program that starts the control board anew; /sbin/reboot when left out, none on a virtual one. */
  rebootWith: z.optional(z.string().check(z.startsWith("/"))),
  /** Chips report hashes of this difficulty, or less when a job asks for less; by hash rate when left out. */
  ticketDifficulty: z.optional(TicketDifficulty),
  cooling: z._default(Cooling, {}),
  /** Limits of safety that the owner makes stricter than the machine's own. */
  safety: z._default(OwnLimits, {}),
  /** Telling and ordering over MQTT; not at all when left out. */
  mqtt: z.optional(Mqtt),
  /** REST, metrics; nothing listens when left out. */
  http: z.optional(Http),
  /** Announcing the machine by multicast DNS; not at all when left out. */
  mdns: z.optional(Mdns),
  /** What the IP-report button does, where the control board has one. */
  ipReport: z._default(IpReport, { isOn: true }),
  /** The slots that new versions go into; nothing is installed when left out. */
  update: z.optional(Update),
  /** The API of cgminer; nothing listens when left out. */
  cgminer: z.optional(Cgminer),
  /** Slots with a hashboard, counted from 0; all of the machine when left out. */
  chains: z.optional(z.array(z.int().check(z.minimum(0))).check(z.minLength(1))),
  /**
   * Ttys by slot, where the owner knows them; `find` asks the hardware. Left out, the control board's file tells, and
   * where sources dispute it the hardware is asked.
   */
  chainOrder: z.optional(
    z.union([z.literal("find"), z.array(z.string()).check(z.minLength(1), z.maxLength(8))]),
  ),
  /** Mine with the chips that answer when some do not. */
  allowShortChain: z._default(z.boolean(), false),
  /** Without a sign of life from the control plane for this long, work stops and the chains are reset. */
  deadManMs: z._default(z.int().check(z.minimum(1000), z.maximum(60_000)), 3000),
  /** SCHED_FIFO priority of the chain threads; 0 leaves them in the normal class. */
  realTimePriority: z._default(z.int().check(z.minimum(0), z.maximum(98)), 50),
  logLevel: z._default(z.enum(["debug", "info", "warn", "error"]), "info"),
});

export type ConfigFile = z.infer<typeof ConfigFile>;

/** A configuration with everything that it names. */
export interface Config extends ConfigFile {
  readonly machineSpec: DrivenMachine;
  readonly board: ControlBoard;
  /** Slots in use, ascending. */
  readonly slots: readonly number[];
  readonly targetMHz: number;
  /** Undefined where nothing is known of the machine's rail. */
  readonly targetMv: number | undefined;
  readonly coolingPlan: CoolingPlan;
}

/** JSON Schema of the configuration file, for editors. */
export function configJsonSchema(): object {
  return z.toJSONSchema(ConfigFile, { io: "input" });
}

/**
 * Reads and checks a configuration file.
 * @throws CONFIG_UNREADABLE, CONFIG_INVALID (path, value, expectation), BOARDS_UNKNOWN, BOARDS_INVALID,
 *   NETWORK_REFUSED, MACHINE_NOT_DRIVEN, BOARD_NOT_DRIVEN, BOARD_INFERRED
 */
export function loadConfig(path: string): Config {
  return parseConfig(readConfig(path), path);
}

/**
 * The text of a configuration file.
 * @throws CONFIG_UNREADABLE
 */
export function readConfig(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new MinerError("CONFIG_UNREADABLE", { file: path, reason: message(cause) }, { cause });
  }
}

/**
 * Checks the text of a configuration file. Throws as loadConfig does; `file` is for the message only. `known`: of the
 * configuration before. Its hardware data are not read again: a slow processor would need longer than the guard waits.
 */
export function parseConfig(text: string, file: string, known?: DrivenMachine): Config {
  const config = parseFile(text, file);
  const { machineSpec, board } = pairOf(config, file, known);
  checkNetworks(config, board, file);
  assertDrivable(machineSpec, board, config.allowInferred);
  checkSafety(config, machineSpec, board, file);
  checkOneAnother(config, machineSpec, file);
  const slots = slotsOf(config, machineSpec, board, file);
  checkChainOrder(config, board, slots, file);
  return {
    ...config,
    machineSpec,
    board,
    slots,
    targetMHz: targetMHz(config, machineSpec, file),
    targetMv: targetMv(config, machineSpec, file),
    coolingPlan: coolingPlan(machineSpec, config.cooling),
  };
}

/**
 * The hardware that a configuration names, whether or not it may be driven.
 * @throws CONFIG_INVALID, BOARDS_UNKNOWN, BOARDS_INVALID, NETWORK_REFUSED, MACHINE_NOT_DRIVEN
 */
export function namedHardware(
  text: string,
  file: string,
): HardwareWish & { readonly machine: DrivenMachine } {
  const config = parseFile(text, file);
  const { machineSpec: machine, board } = pairOf(config, file);
  checkNetworks(config, board, file);
  const slots = config.chains ?? Array.from({ length: machine.chains }, (_, slot) => slot);
  return { machine, board, slots, deviceDir: config.deviceDir };
}

function parseFile(text: string, file: string): ConfigFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    // Not the cause of ours: the library quotes the file.
    throw new MinerError("CONFIG_INVALID", { file, reason: jsonFault(text, message(cause)) });
  }
  z.config(en());
  const whole = withSystemDefaults(value);
  const parsed = ConfigFile.safeParse(whole);
  if (parsed.success) return parsed.data;
  const [fault] = schemaFaults(parsed.error.issues, whole);
  throw invalid(file, dotted(fault?.path ?? []), fault?.value, fault?.expected ?? "valid");
}

function pairOf(
  config: ConfigFile,
  file: string,
  known?: DrivenMachine,
): Pick<Config, "machineSpec" | "board"> {
  const machineSpec = known?.name === config.machine ? known : loadDrivenMachine(config.machine);
  const board = machineSpec.controlBoards.find(({ name }) => name === config.controlBoard);
  if (board !== undefined) return { machineSpec, board };
  throw invalid(
    file,
    "controlBoard",
    config.controlBoard,
    `one of ${machineSpec.controlBoards.map(({ name }) => name).join(", ")}`,
  );
}

function checkNetworks(config: ConfigFile, board: ControlBoard, file: string): void {
  const networks = [config.network, ...config.pools.map((pool) => pool.network)];
  if (!board.virtual && networks.includes("virtual"))
    throw new MinerError("NETWORK_REFUSED", { file, controlBoard: board.name });
}

function checkOneAnother(config: ConfigFile, machine: DrivenMachine, file: string): void {
  const wrong =
    contradictionOf(config) ?? wrongCooling(config.cooling, machine) ?? wrongPower(config, machine);
  if (wrong !== undefined) throw invalid(file, wrong.path, wrong.value, wrong.expected);
}

function slotsOf(
  config: ConfigFile,
  machine: MachineSpec,
  board: ControlBoard,
  file: string,
): readonly number[] {
  const slots = [...new Set(config.chains ?? Array.from({ length: machine.chains }, (_, i) => i))];
  if (slots.length > machine.chains)
    throw invalid(file, "chains", slots, `at most ${String(machine.chains)} slots`);
  const wrong = slots.find((slot) => slot >= board.chains.length);
  if (wrong !== undefined)
    throw invalid(file, "chains", wrong, `slots below ${String(board.chains.length)}`);
  return slots.sort((a, b) => a - b);
}

function checkChainOrder(
  { chainOrder }: ConfigFile,
  board: ControlBoard,
  slots: readonly number[],
  file: string,
): void {
  if (chainOrder === undefined || chainOrder === "find") return;
  const ttys = candidateTtys(board);
  const wrong = chainOrder.find((tty) => !ttys.includes(tty));
  if (wrong !== undefined)
    throw invalid(file, "chainOrder", wrong, `ttys of ${board.name}: ${ttys.join(", ")}`);
  if (new Set(chainOrder).size < chainOrder.length)
    throw invalid(file, "chainOrder", chainOrder, "a tty of its own for each slot");
  const needed = Math.max(...slots) + 1;
  if (chainOrder.length < needed)
    throw invalid(file, "chainOrder", chainOrder, `a tty for each slot, ${String(needed)} or more`);
}

function targetMHz(config: ConfigFile, { freqMHz }: DrivenMachine, file: string): number {
  const wanted = config.freqMHz ?? freqMHz.nominal;
  if (wanted < freqMHz.min || wanted > freqMHz.max)
    throw invalid(
      file,
      "freqMHz",
      wanted,
      `${String(freqMHz.min)} to ${String(freqMHz.max)} MHz for ${config.machine}`,
    );
  return wanted;
}

function targetMv(config: ConfigFile, { railMv }: DrivenMachine, file: string): number | undefined {
  const wanted = config.railMv;
  if (wanted === undefined) return railMv?.running;
  if (railMv?.min === undefined || railMv.max === undefined)
    throw invalid(file, "railMv", wanted, `nothing: the limits of ${config.machine} are not known`);
  if (wanted < railMv.min || wanted > railMv.max)
    throw invalid(
      file,
      "railMv",
      wanted,
      `${String(railMv.min)} to ${String(railMv.max)} mV for ${config.machine}`,
    );
  return wanted;
}

/** An owner's limit that is looser than the machine's own would only look as if it held. */
function checkSafety(
  { safety }: ConfigFile,
  machine: MachineSpec,
  board: ControlBoard,
  file: string,
): void {
  const wish = looserWish(drivenFacts(machine, board).limits, safety);
  if (wish !== undefined)
    throw invalid(file, `safety.${wish.name}`, safety[wish.name], wish.expected);
}

function invalid(file: string, path: string, value: unknown, expected: string): MinerError {
  return new MinerError("CONFIG_INVALID", {
    file,
    path,
    value: shown(path.split(".").at(-1) ?? "", value),
    expected,
  });
}

/** A value as an error may show it: errors are logged and passwords are not. */
function shown(field: string, value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(withoutSecrets(value, field));
}

/** What is wrong with the text and where, without the piece of it that V8 quotes: that may be a password. */
function jsonFault(text: string, reason: string): string {
  const quote = /^(.*?), (\.\.\.)?"(.*)"(?:\.\.\.)? is not valid JSON$/s.exec(reason);
  const [, what = reason, hasMore, quoted = ""] = quote ?? [];
  const quotedAt = text.indexOf(quoted) + (hasMore === undefined ? 0 : V8_QUOTED_BEFORE);
  const position = quote === null ? Number(/at position (\d+)/.exec(reason)?.[1]) : quotedAt;
  if (Number.isNaN(position)) return what;
  return `${what}, near line ${String(text.slice(0, position).split("\n").length)}`;
}

function dotted(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === "number" ? `[${String(part)}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
