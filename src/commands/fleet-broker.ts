import { resolve } from "node:path";
import type { Command } from "commander";
import { Mqtt, type MqttConfig } from "../app/mqtt-config.js";
import { MinerError } from "../lib/errors.js";
import { schemaFaults } from "../lib/schema-faults.js";
import { passwordOf } from "./pools-options.js";

/** What a command line says about an MQTT broker. */
export interface BrokerFlags {
  readonly broker: string;
  readonly user?: string;
  readonly password?: string;
  readonly passwordFile?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly prefix?: string;
}

/** Adds the options that describe a broker and who we are there, but not its address. */
export function addBrokerOptions(command: Command): Command {
  return command
    .option("--ca <file>", "PEM file with the authorities to trust in place of the built-in ones")
    .option("--cert <file>", "PEM file of the client certificate")
    .option("--key <file>", "PEM file of its key")
    .option("--user <name>", "user name at the broker")
    .option("--password <text>", "other users of this machine can see it; --password-file hides it")
    .option("--password-file <file>", "first line of the file; - for standard input")
    .option("--prefix <levels>", "topic levels before the ids of the miners (miners/v1)");
}

/**
 * The broker with what else is to stand in the configuration of MQTT.
 * @throws USAGE naming what is wrong
 */
export function mqttOf(flags: BrokerFlags, more: object = {}): MqttConfig {
  const { broker: url, user, ca, cert, key, prefix } = flags;
  const password = passwordOf(flags);
  const given = {
    ...more,
    ...(prefix !== undefined && { prefix }),
    brokers: [
      {
        url,
        ...(user !== undefined && { user }),
        ...(password !== undefined && { password }),
        ...(ca !== undefined && { caFile: resolve(ca) }),
        ...(cert !== undefined && { certFile: resolve(cert) }),
        ...(key !== undefined && { keyFile: resolve(key) }),
      },
    ],
  };
  const parsed = Mqtt.safeParse(given);
  if (parsed.success) return parsed.data;
  const [fault] = schemaFaults(parsed.error.issues, given);
  const field = (fault?.path ?? []).map(String).join(".");
  throw new MinerError("USAGE", { field, expected: fault?.expected ?? "" });
}
