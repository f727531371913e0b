import { readFileSync } from "node:fs";
import type { IClientOptions } from "mqtt";
import type { BrokerConfig, MqttConfig } from "../../app/mqtt-config.js";
import { MinerError } from "../../lib/errors.js";
import { LAYOUT, type Status } from "./payloads.js";

/** Larger messages are refused. Sheet management.md, 8.2. */
export const MAX_PACKET_BYTES = 64 * 1024;
const RECEIVE_MAXIMUM = 20;
/** Commands survive an outage of so long. */
const SESSION_EXPIRY_S = 3600;
/** A short reconnect makes no alarm. */
const WILL_DELAY_S = 20;
const CONNECT_LIMIT_MS = 15_000;
/** Protocol level in CONNECT. */
export type ProtocolLevel = 4 | 5;

export interface LinkIdentity {
  readonly clientId: string;
  readonly boot: string;
  readonly statusTopic: string;
}

/**
 * What the library is told. Files are read anew for each connection: certificates are renewed while the program runs.
 * @throws MQTT_FILE_UNREADABLE
 */
export function brokerOptions(
  broker: BrokerConfig,
  { keepAliveS }: Pick<MqttConfig, "keepAliveS">,
  { clientId, boot, statusTopic }: LinkIdentity,
  level: ProtocolLevel,
): IClientOptions {
  const will: Status = { v: LAYOUT, state: "offline", reason: "lost", boot };
  return {
    clientId,
    protocolVersion: level,
    protocolId: "MQTT",
    clean: false,
    keepalive: keepAliveS,
    // Else every telemetry message puts the next ping off, and a half-open link is never noticed.
    reschedulePings: false,
    // Our own back-off, and our own queue.
    reconnectPeriod: 0,
    queueQoSZero: false,
    // Else the library keeps a buffer for each number of two bytes: 8 MB.
    writeCache: false,
    resubscribe: false,
    connectTimeout: CONNECT_LIMIT_MS,
    ...credentials(broker),
    will: {
      topic: statusTopic,
      payload: Buffer.from(JSON.stringify(will)),
      ...{ qos: 1, retain: true },
      ...(level === 5 && {
        properties: { willDelayInterval: WILL_DELAY_S, contentType: "application/json" },
      }),
    },
    ...(level === 5 && {
      properties: {
        sessionExpiryInterval: SESSION_EXPIRY_S,
        receiveMaximum: RECEIVE_MAXIMUM,
        maximumPacketSize: MAX_PACKET_BYTES,
      },
    }),
  };
}

/**
 * Who we are to a broker, and whom we trust.
 * @throws MQTT_FILE_UNREADABLE
 */
export function credentials(broker: BrokerConfig): IClientOptions {
  return {
    ...(broker.user !== undefined && { username: broker.user }),
    ...(broker.password !== undefined && { password: broker.password }),
    rejectUnauthorized: true,
    ...filed("ca", broker.caFile),
    ...filed("cert", broker.certFile),
    ...filed("key", broker.keyFile),
  };
}

function filed(name: "ca" | "cert" | "key", file: string | undefined): Record<string, Buffer> {
  if (file === undefined) return {};
  try {
    return { [name]: readFileSync(file) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MinerError("MQTT_FILE_UNREADABLE", { file, reason }, { cause });
  }
}
