import type { ErrorEntry } from "./error-entry.js";

export const DISCOVERY_ERRORS = {
  MDNS_NOT_STARTED: {
    meaning: "The machine is not announced by multicast DNS; it mines all the same.",
    severity: "warning",
    action: "Check that http is configured and listens, and the interfaces of the field mdns.",
  },
  IP_REPORT_FAILED: {
    meaning: "A press of the IP-report button was not told to a network.",
    severity: "warning",
    action: "Check the network of the address, and that no other program uses UDP port 14236.",
  },
} as const satisfies Record<string, ErrorEntry>;
