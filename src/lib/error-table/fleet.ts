import type { ErrorEntry } from "./error-entry.js";

export const FLEET_ERRORS = {
  FLEET_BROKER_UNREACHABLE: {
    meaning: "The MQTT broker does not take this command as a client.",
    severity: "fatal",
    action: "Check address, certificates and password; the broker has to speak MQTT 5.",
  },
  FLEET_EMPTY: {
    meaning: "No miner of that group is online at the broker; nothing was sent.",
    severity: "fatal",
    action: "Check the group (all for every miner), the prefix, and what the broker lets you read.",
  },
} as const satisfies Record<string, ErrorEntry>;
