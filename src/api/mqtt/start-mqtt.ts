import type { MqttService, MqttServiceOptions } from "./mqtt-service.js";
import type { MqttConfig } from "../../app/mqtt-config.js";

/** Undefined where the configuration names no broker: the library is not even loaded then. */
export async function startMqtt(
  options: Omit<MqttServiceOptions, "mqtt"> & { readonly mqtt: MqttConfig | undefined },
): Promise<MqttService | undefined> {
  const { mqtt } = options;
  if (mqtt === undefined) return undefined;
  const { MqttService: Service } = await import("./mqtt-service.js");
  return Service.start({ ...options, mqtt });
}
