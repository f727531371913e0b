import type { ErrorEntry } from "./error-entry.js";

export const STATE_ERRORS = {
  STATE_UNREADABLE: {
    meaning: "A file of the data directory cannot be read; it was kept and not replaced.",
    severity: "warning",
    action: "Look at the file named by keptAs; the program goes on with what it names.",
  },
  STATE_NEWER: {
    meaning:
      "A file of the data directory was written by a later version of the program; it was kept.",
    severity: "fault",
    action:
      "Install the later version again and put the kept file in its place, or go on with what is named.",
  },
  STATE_NOT_SAVED: {
    meaning: "A file of the data directory cannot be saved.",
    severity: "warning",
    action: "Check space and permissions of the data directory; saving is tried again.",
  },
  EVENTS_MISSING: {
    meaning: "There are no events in the data directory that can be read.",
    severity: "fatal",
    action: "Name the data directory of a controller that was started at least once.",
  },
  HISTORY_MISSING: {
    meaning: "There is no history in the data directory that can be read.",
    severity: "fatal",
    action: "Name the data directory of a controller that was started at least once.",
  },
  RECORDING_MISSING: {
    meaning: "There is no recording of decisions in that file that can be read.",
    severity: "fatal",
    action: "Name the flight.ring of a data directory whose controller was started at least once.",
  },
  DISK_READ_ONLY: {
    meaning: "Nothing can be written to the data directory.",
    severity: "warning",
    action:
      "Mining goes on, but a restart forgets what is new. Check the mount and the health of the disk.",
  },
} as const satisfies Record<string, ErrorEntry>;
