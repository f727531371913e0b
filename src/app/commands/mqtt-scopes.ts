import type { MqttConfig } from "../mqtt-config.js";
import type { Scope } from "./command-entry.js";

/** What the owner lets orders by MQTT do. Which of them, the interface judges by its own names for them. */
export function mqttScopes(mqtt: Pick<MqttConfig, "commands"> | undefined): readonly Scope[] {
  return [...new Set((mqtt?.commands ?? []).map(scopeOf))];
}

type Name = MqttConfig["commands"][number];

const READ: readonly Name[] = ["tele.chips", "system.logs", "system.support"];
const CONFIGURE: readonly Name[] = [
  ...(["config.set", "power.set", "cooling.set", "pools.set"] as const),
  "system.upgrade",
];

function scopeOf(name: Name): Scope {
  if (READ.includes(name)) return "read";
  return CONFIGURE.includes(name) ? "configure" : "operate";
}
