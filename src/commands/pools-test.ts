import type { Command } from "commander";
import { poolGroups } from "../app/pool-config.js";
import { systemClock } from "../lib/clock.js";
import { MinerError } from "../lib/errors.js";
import { programVersion } from "../lib/version.js";
import { keySource } from "../pool/pool-client.js";
import { type PoolProbeReport, probePool } from "../pool/probe/probe-pool.js";
import { addControllerOptions, controllerOf } from "./open-controller.js";
import { type JsonOption, print, table } from "./output.js";
import { addPoolOptions, poolEntryOf, type PoolFlags, positiveNumber } from "./pools-options.js";

interface TestFlags extends JsonOption, PoolFlags {
  readonly data?: string;
  readonly host?: string;
  readonly timeout?: number;
  readonly ths?: number;
}

const DEFAULT_TIMEOUT_S = 15;

/** The controller decides how long it tries; this is far longer. */
const CONTROLLER_ANSWER_MS = 120_000;

const HELP = `
With --data or --host the controller tries one of its pools, with the password that it has; without, this
command opens the session itself. No share is sent. The exit status is 0 when the pool can be mined
for and 1 when it cannot.`;

/** Adds pools test. */
export function registerPoolsTestCommand(pools: Command): void {
  addControllerOptions(addPoolOptions(pools.command("test")))
    .description("open a session with a pool and show what it gives, without mining for it")
    .argument(
      "<pool>",
      "stratum+tcp://host:port or stratum+ssl://host:port; a name with --data or --host",
    )
    .option(
      "--timeout <seconds>",
      `for connection, login and work (${DEFAULT_TIMEOUT_S})`,
      positiveNumber,
    )
    .option("--ths <number>", "hash rate that the pool is to be judged for, TH/s", positiveNumber)
    .addHelpText("after", HELP)
    .action(async (pool: string, flags: TestFlags, command: Command) => {
      checkUsage(flags, command);
      const report = isHere(flags)
        ? await probeHere(pool, flags.user ?? "", flags)
        : await probeThere(pool, command, flags);
      print(report, flags, () => reportText(report));
      if (!report.isUsable) process.exitCode = 1;
    });
}

/** What would be ignored is refused. */
function checkUsage(flags: TestFlags, command: Command): void {
  if (isHere(flags)) {
    if (flags.user === undefined)
      command.error(
        "error: name the user with --user, or the controller's pool with --data or --host",
      );
    return;
  }
  const own = ["user", "password", "passwordFile", "ca", "pin", "verify", "proxy", "network"];
  if (own.some((option) => command.getOptionValueSource(option) === "cli"))
    command.error(
      "error: with --data or --host the controller's own settings of the pool are tried",
    );
}

function isHere({ data, host }: TestFlags): boolean {
  return data === undefined && host === undefined;
}

async function probeThere(
  name: string,
  command: Command,
  flags: TestFlags,
): Promise<PoolProbeReport> {
  const { timeout: timeoutS, ths } = flags;
  const params = { name, ...(timeoutS && { timeoutS }), ...(ths && { hashrateThs: ths }) };
  const reply = await controllerOf(command).ask("pools.test", params, CONTROLLER_ANSWER_MS);
  return reply as PoolProbeReport;
}

function probeHere(url: string, user: string, flags: TestFlags): Promise<PoolProbeReport> {
  const entry = {
    password: "",
    group: "main",
    redirectHosts: [],
    ...poolEntryOf(url, user, flags),
  };
  const [settings] = poolGroups({ network: "mainnet", pools: [entry] }).flatMap(
    (group) => group.pools,
  );
  if (settings === undefined) throw new MinerError("INTERNAL", { missing: "pool" });
  const agent = `headframe/${programVersion()}`;
  return probePool(
    settings,
    { clock: systemClock, nextKey: keySource(), agent },
    { timeoutMs: (flags.timeout ?? DEFAULT_TIMEOUT_S) * 1000, hashrateThs: flags.ths },
  );
}

/** A report for people. */
function reportText(report: PoolProbeReport): string {
  const { remote, work, error } = report;
  const rows: (readonly [string, string])[] = [
    ["pool", `${report.url} as ${report.user}, network ${report.network}`],
    ["address", remote === null ? "-" : `${remote.host} port ${remote.port}`],
    ["security", SECURITY[report.security ?? "unknown"]],
    ["connected after", milliseconds(report.connectMs)],
    ["login taken after", milliseconds(report.authorizeMs)],
    ["first work after", milliseconds(report.firstWorkMs)],
  ];
  if (work !== null)
    rows.push(
      ["difficulty", difficultyText(report)],
      ["version mask", report.versionMask ?? "-"],
      ["extranonce", `${report.extranonce1Size ?? "-"} and ${report.extranonce2Size ?? "-"} bytes`],
      ["block height", String(work.blockHeight ?? "-")],
      ["age of the work", `${work.ageS} s by the clock here`],
      [
        "job",
        `${JSON.stringify(work.jobId)}, ${work.clean ? "clean" : "not clean"}, ` +
          `coinbase of ${work.coinbaseBytes} bytes, ${work.merkleBranches} branches`,
      ],
    );
  const findings = report.findings.map(
    ({ severity, text }) => `${severity === "unusable" ? "UNUSABLE" : "warning"}: ${text}`,
  );
  return [
    table(rows),
    ...report.messages.map((text) => `the pool says: ${text}`),
    ...report.warnings.map((text) => `note: ${text}`),
    ...findings,
    report.isUsable ? "usable" : `not usable${error === null ? "" : ` (${error.code})`}`,
  ].join("\n");
}

const SECURITY = {
  unknown: "-",
  none: "none: plain TCP, whoever sits on the way can read and change it",
  verified: "TLS, certificate verified",
  pinned: "TLS, certificate is the pinned one",
  unverified: "TLS, certificate not checked",
} as const;

function difficultyText({
  difficulty,
  shareIntervalS,
  suggestedDifficulty,
}: PoolProbeReport): string {
  const interval =
    shareIntervalS === null ? "" : `, a share every ${shareIntervalS.toPrecision(3)} s`;
  const asked = suggestedDifficulty === null ? "" : `, ${suggestedDifficulty} was suggested`;
  return `${difficulty ?? "-"}${interval}${asked}`;
}

function milliseconds(ms: number | null): string {
  return ms === null ? "-" : `${ms.toFixed(0)} ms`;
}
