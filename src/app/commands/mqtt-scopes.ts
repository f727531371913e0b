import type { MqttConfig } from "../mqtt-config.js";
import type { Scope } from "./command-entry.js";

/** What the owner lets orders by MQTT do. Which of them, the interface judges by its own names for them. */
export function mqttScopes(mqtt: Pick<MqttConfig, "commands"> | undefined): readonly Scope[] {
  return [...new Set((mqtt?.commands ?? []).map(scopeOf))];
}

function scopeOf(name: MqttConfig["commands"][number]): Scope {
  if (name === "tele.chips") return "read";
  return name === "config.set" || name === "pools.set" ? "configure" : "operate";
}
