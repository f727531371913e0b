import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { ApiLink } from "../api/client/api-link.js";
import type { Controller, Params } from "../api/client/controller.js";
import { LocalController } from "../api/client/local-controller.js";
import { RemoteController } from "../api/client/remote-controller.js";
import { MinerError } from "../lib/errors.js";
import { whileWaiting } from "./progress.js";

const TOKEN_VARIABLE = "HEADFRAME_TOKEN";
/** As a token may stand in a header. Documented: RFC 6750. */
const TOKEN = /^[\w.~+/-]+=*$/;

interface ControllerFlags {
  readonly data?: string;
  readonly host?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly hostCa?: string;
}

interface ControllerOptions {
  /** What --json prints. */
  readonly json?: string;
  /** The command has a --ca already, for whomever it asks. */
  readonly isCaShared?: boolean;
}

/** Adds the options that say which controller a command is for, and `--json`. */
export function addControllerOptions(
  command: Command,
  { json = "one JSON document", isCaShared = false }: ControllerOptions = {},
): Command {
  command
    .option("--data <dir>", "data directory of the controller, on this computer")
    .option(
      "--host <host>",
      "a machine on the network: HOST[:PORT] by https, or http://HOST[:PORT]",
    )
    .option(
      "--token-file <file>",
      `with --host: first line of the file; ${TOKEN_VARIABLE} without it`,
    );
  // Where --ca says whom a pool is to be trusted by, the machine's needs another name.
  if (!isTaken(command, "--ca")) command.option("--ca <file>", CA);
  else if (!isCaShared) command.option("--host-ca <file>", CA);
  return command.option("--json", json);
}

const CA = "with --host: PEM file with the authorities to trust, or the machine's own certificate";

function isTaken(command: Command, name: string): boolean {
  return command.options.some(({ long }) => long === name);
}

/**
 * The controller that the options name. Wrong usage ends the command.
 * @throws USAGE when a file cannot be read
 */
export function controllerOf(command: Command, progress: "shown" | "silent" = "shown"): Controller {
  const controller = opened(command);
  if (progress === "silent") return controller;
  return {
    ask: (name: string, params?: Params, timeoutMs?: number) =>
      whileWaiting(name, () => controller.ask(name, params, timeoutMs)),
    events: (sinceUnixMs) => controller.events(sinceUnixMs),
    seconds: (sinceUnixMs) => whileWaiting("history", () => controller.seconds(sinceUnixMs)),
    minutes: (sinceUnixMs) => whileWaiting("history", () => controller.minutes(sinceUnixMs)),
  };
}

function opened(command: Command): Controller {
  // A parent with options of the same names takes them, wherever they stand.
  const flags: ControllerFlags = command.optsWithGlobals();
  const { data, host } = flags;
  if (data !== undefined && host !== undefined)
    command.error("error: option '--host <host>' cannot be used with option '--data <dir>'");
  if (host !== undefined) return remote(host, flags, command);
  if (data === undefined)
    command.error("error: required option '--data <dir>' or '--host <host>' not specified");
  return new LocalController(data);
}

function remote(host: string, flags: ControllerFlags, command: Command): Controller {
  const url = urlOf(host);
  if (url === undefined)
    command.error("error: option '--host <host>' expects HOST[:PORT] or http://HOST[:PORT]");
  const { tokenFile } = flags;
  const text = tokenFile === undefined ? process.env[TOKEN_VARIABLE] : textOf(tokenFile);
  const [token = ""] = (text ?? "").split("\n", 1).map((line) => line.trim());
  if (!TOKEN.test(token))
    command.error(`error: '--host' needs a token: '--token-file <file>', or ${TOKEN_VARIABLE}`);
  const caFile = isTaken(command, "--host-ca") ? flags.hostCa : flags.ca;
  const ca = caFile === undefined ? undefined : textOf(caFile);
  return new RemoteController(new ApiLink({ url, token, ca }));
}

/** Https, as whoever hears a token can use it, but where http is asked for by name. Undefined: no host. */
function urlOf(host: string): URL | undefined {
  const text = host.includes("://") ? host : `https://${host}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isHost = `${url.protocol}//${url.host}/` === url.href;
  return isHost && /^https?:$/.test(url.protocol) ? url : undefined;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MinerError("USAGE", { file, reason }, { cause });
  }
}
