import type { MqttConfig } from "../../app/mqtt-config.js";
import { findingOf } from "../../lib/finding.js";
import type { MqttService, MqttServiceOptions } from "./mqtt-service.js";

/**
 * Undefined where the configuration names no broker: the library is not even loaded then. Never rejects: a machine mines
 * without MQTT.
 */
export async function startMqtt(
  options: Omit<MqttServiceOptions, "mqtt"> & { readonly mqtt: MqttConfig | undefined },
): Promise<MqttService | undefined> {
  const { mqtt, log } = options;
  if (mqtt === undefined) return undefined;
  try {
    const { MqttService: Service } = await import("./mqtt-service.js");
    return await Service.start({ ...options, mqtt });
  } catch (error) {
    log.error(findingOf(error), "MQTT could not be started");
    return undefined;
  }
}
