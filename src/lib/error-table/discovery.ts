import type { ErrorEntry } from "./error-entry.js";

export const DISCOVERY_ERRORS = {
  MDNS_NOT_STARTED: {
    meaning: "The machine is not announced by multicast DNS; it mines all the same.",
    severity: "warning",
    action: "Check that http is configured and listens, and the interfaces of the field mdns.",
  },
} as const satisfies Record<string, ErrorEntry>;
