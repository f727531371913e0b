import type { ErrorEntry } from "./error-entry.js";

export const MQTT_ERRORS = {
  MQTT_FILE_UNREADABLE: {
    meaning: "A certificate or key for an MQTT broker cannot be read.",
    severity: "fault",
    action: "Check the path in the field mqtt.brokers and its permissions; it is tried again.",
  },
} as const satisfies Record<string, ErrorEntry>;
