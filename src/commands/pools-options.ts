import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { PoolEntry } from "../app/pool-config.js";
import { MinerError } from "../lib/errors.js";

/** What a command line says about one pool. */
export interface PoolFlags {
  readonly user?: string;
  readonly password?: string;
  readonly passwordFile?: string;
  readonly ca?: string;
  readonly pin: readonly string[];
  /** False with --no-verify. */
  readonly verify: boolean;
  readonly proxy?: string;
  readonly network?: "mainnet" | "virtual";
}

const STANDARD_INPUT = "-";

/** Adds the options that describe a pool. */
export function addPoolOptions(command: Command): Command {
  return command
    .option("--user <name>", "account or address and worker, as the pool wants it")
    .option("--password <text>", "other users of this machine can see it; --password-file hides it")
    .option("--password-file <file>", "first line of the file; - for standard input")
    .option("--ca <file>", "PEM file with the authorities to trust in place of the built-in ones")
    .option(
      "--pin <hex>",
      "SHA-256 of the pool's certificate; may be given again",
      (pin: string, pins: readonly string[]) => [...pins, pin],
      [],
    )
    .option("--no-verify", "take any certificate")
    .option("--proxy <url>", "socks5://[user:password@]host:port")
    .addOption(
      new Option("--network <name>", "what difficulty 1 means at the pool").choices([
        "mainnet",
        "virtual",
      ]),
    );
}

/**
 * The pool as the configuration has it, with only what was given.
 * @throws USAGE when a password file cannot be read
 */
export function poolEntryOf(
  url: string,
  user: string,
  flags: PoolFlags,
): Partial<PoolEntry> & Pick<PoolEntry, "url" | "user"> {
  const password = passwordOf(flags);
  const hasTls = flags.ca !== undefined || flags.pin.length > 0 || !flags.verify;
  return {
    url,
    user,
    ...(password !== undefined && { password }),
    ...(flags.network !== undefined && { network: flags.network }),
    ...(flags.proxy !== undefined && { proxy: flags.proxy }),
    ...(hasTls && {
      tls: {
        verify: flags.verify,
        pins: [...flags.pin],
        // The controller has another working directory.
        ...(flags.ca !== undefined && { caFile: resolve(flags.ca) }),
      },
    }),
  };
}

/** @throws USAGE when a password file cannot be read */
export function passwordOf({
  password,
  passwordFile,
}: Pick<PoolFlags, "password" | "passwordFile">): string | undefined {
  if (passwordFile === undefined) return password;
  try {
    const text = readFileSync(passwordFile === STANDARD_INPUT ? 0 : passwordFile, "utf8");
    return text.split(/\r?\n/, 1)[0] ?? "";
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MinerError("USAGE", { option: "--password-file", reason }, { cause });
  }
}

/** Commander parser for a number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError("Expected a number above 0.");
  return value;
}

/** Commander parser for a place in a list, counted from 1. */
export function position(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError("Expected a whole number of 1 or more.");
  return value;
}
