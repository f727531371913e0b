import * as z from "zod/mini";

/** More is a mistake: they are tried one after the other. */
const MAX_BROKERS = 8;
/** Sheet management.md, 8.1: one `tele` a minute, 10 to 600 s. */
const PERIOD_S = 60;
/** Sheet management.md, 8.3. */
const KEEP_ALIVE_S = 60;
/** Sheet management.md, 8.4: random wait after an outage, so that a site does not come back at one moment. */
const BACKFILL_WAIT_S = 300;

/** What somebody at a broker may order, by its name in the topic. */
export const MQTT_COMMANDS = [
  "mining.pause",
  "mining.resume",
  "mining.sleep",
  "mining.wake",
  "mining.curtail",
  "mining.set",
  "config.set",
  "power.set",
  "cooling.set",
  "pools.set",
  "locate",
  "system.restart",
  "system.reboot",
  "system.upgrade",
  "system.logs",
  "system.support",
  "tele.chips",
] as const;
export type MqttCommand = (typeof MQTT_COMMANDS)[number];

/** One level of a topic: no separator, wildcard, control character. */
const Level = z.string().check(z.regex(/^[\w.:-]{1,64}$/, "expected letters, digits, - _ . :"));

const Broker = z
  .strictObject({
    /** mqtt://host[:port], or mqtts:// for TLS. */
    url: z
      .string()
      .check(
        z.regex(
          /^mqtts?:\/\/(\[[0-9a-f:.]+\]|[\w.-]+)(:\d{1,5})?\/?$/i,
          "expected mqtt://host:port or mqtts://host:port, user and password beside it",
        ),
      ),
    user: z.optional(z.string().check(z.minLength(1))),
    password: z.optional(z.string()),
    /** PEM file with the authorities to trust in place of the built-in ones. */
    caFile: z.optional(z.string()),
    /** PEM file of the client certificate, and of its key. */
    certFile: z.optional(z.string()),
    keyFile: z.optional(z.string()),
    /** Version of MQTT; 5 with a fall-back to 3.1.1 when left out. */
    version: z.optional(z.enum(["5", "3.1.1"])),
  })
  .check(
    z.refine(({ password, user }) => password === undefined || user !== undefined, {
      path: ["user"],
      error: "expected a user beside the password",
    }),
    z.refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
      path: ["keyFile"],
      error: "expected certFile and keyFile together",
    }),
    z.refine(
      ({ url, caFile, certFile }) =>
        /^mqtts:/i.test(url) || (caFile === undefined && certFile === undefined),
      { path: ["url"], error: "expected mqtts:// beside certificates" },
    ),
  );
export type BrokerConfig = z.infer<typeof Broker>;

/** The field `mqtt` of the configuration file; without it nothing is connected. */
export const Mqtt = z.strictObject({
  /** The first is preferred; the next is tried when one does not take us. */
  brokers: z.array(Broker).check(z.minLength(1), z.maxLength(MAX_BROKERS)),
  /** Client id and level of the topics; the MAC address in lower-case hex when left out. */
  deviceId: z.optional(Level),
  /** Levels before the device id; those of a fleet or site may stand in it. */
  prefix: z._default(
    z
      .string()
      .check(z.regex(/^[\w.:-]{1,64}(\/[\w.:-]{1,64}){0,7}$/, "expected levels parted by /")),
    "miners/v1",
  ),
  /** Broadcasts to these are obeyed too. */
  groups: z._default(z.array(Level).check(z.maxLength(16)), []),
  /** Where the miner stands; told in `info`, never a part of topics. */
  place: z.optional(
    z.strictObject({
      site: z.optional(z.string()),
      rack: z.optional(z.string()),
      pos: z.optional(z.string()),
    }),
  ),
  /** What may be ordered; nothing when left out. */
  commands: z._default(z.array(z.enum(MQTT_COMMANDS)), []),
  periodS: z._default(z.int().check(z.minimum(10), z.maximum(600)), PERIOD_S),
  keepAliveS: z._default(z.int().check(z.minimum(5), z.maximum(600)), KEEP_ALIVE_S),
  /** After an outage its records are sent after a random time up to this. */
  backfillWaitS: z._default(z.int().check(z.minimum(0), z.maximum(3600)), BACKFILL_WAIT_S),
  /** Tells Home Assistant about the miner. */
  homeAssistant: z._default(z.boolean(), false),
});
export type MqttConfig = z.infer<typeof Mqtt>;
