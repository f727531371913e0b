import type { ErrorEntry } from "./error-entry.js";

export const PROGRAM_ERRORS = {
  // Command line and configuration
  USAGE: {
    meaning: "The command line is wrong.",
    severity: "fatal",
    action: "Run the command with --help.",
  },
  CONFIG_UNREADABLE: {
    meaning: "The configuration file cannot be read.",
    severity: "fatal",
    action: "Check the path and the permissions.",
  },
  CONFIG_INVALID: {
    meaning: "The configuration file does not parse or does not fit the schema.",
    severity: "fatal",
    action: "Correct the named field; the file is left as it is.",
  },
  CONFIG_CHANGED: {
    meaning: "The configuration is another than the one that the change was made for.",
    severity: "warning",
    action: "Read it again and repeat the change; after an edit by hand restart the controller.",
  },
  CONFIG_UNWRITABLE: {
    meaning: "The configuration file cannot be written; nothing was changed.",
    severity: "fault",
    action: "Check the permissions of the file and its folder, and the space on the disk.",
  },
  NETWORK_REFUSED: {
    meaning: "The virtual network was asked for on a control board that is not virtual.",
    severity: "fatal",
    action: "Use network mainnet on metal.",
  },
  // Control
  POOL_UNKNOWN: {
    meaning: "No pool of the configuration has that name.",
    severity: "warning",
    action: "Run headframe pools list.",
  },
  CONTROL_UNREACHABLE: {
    meaning: "No running controller answers on the control socket.",
    severity: "fatal",
    action: "Start headframe run, or name its data directory with --data.",
  },
  HOST_UNREACHABLE: {
    meaning: "The machine that --host names does not answer.",
    severity: "fatal",
    action:
      "Check the name and that http is configured there; plain http needs http:// before the name.",
  },
  HOST_CERTIFICATE_REFUSED: {
    meaning:
      "The certificate of the machine that --host names cannot be trusted; no token was sent.",
    severity: "fatal",
    action: "Name with --ca who signed it, or the certificate, and use a name that stands in it.",
  },
  HOST_DIFFERS: {
    meaning: "The answer is not that of an interface which this version of headframe knows.",
    severity: "fatal",
    action: "Check the address; where the machine has another version, use its version here.",
  },
  CONTROL_REFUSED: {
    meaning: "The running controller refused a request.",
    severity: "fatal",
    action: "Read the facts beside the code.",
  },
  DATA_DIR_IN_USE: {
    meaning: "Another controller already uses the data directory.",
    severity: "fatal",
    action: "Stop the other controller or choose another --data.",
  },
  // Virtual machine
  VIRTUAL_FAULT_UNKNOWN: {
    meaning: "The virtual machine or the test pool has no fault of that name.",
    severity: "warning",
    action: "Ask its control socket for the list of faults.",
  },
  VIRTUAL_REQUEST_INVALID: {
    meaning:
      "The virtual machine or the test pool does not understand a request on its control socket.",
    severity: "warning",
    action: "Correct the named part of the request.",
  },
  CGMINER_NOT_STARTED: {
    meaning: "The API of cgminer cannot listen; the machine mines without it.",
    severity: "fault",
    action: "Check port and address of the field cgminer, and restart the controller.",
  },
  VIRTUAL_LISTEN_FAILED: {
    meaning: "The virtual machine or the test pool cannot listen where it was told to.",
    severity: "fatal",
    action:
      "Name a directory that can be written or a free port, or remove what stands in the way.",
  },
  VIRTUAL_ADDON_MISSING: {
    meaning: "The addon of the virtual machine is not built.",
    severity: "fatal",
    action: "Run scripts/build.",
  },
  DEMO_NOT_MINING: {
    meaning: "The demo did not get all chains to hash.",
    severity: "fatal",
    action: "Read the log lines above.",
  },
  CHILD_DIED: {
    meaning: "A process that this command started ended too early.",
    severity: "fatal",
    action: "Read the log lines above.",
  },
  INTERNAL: {
    meaning: "A part of the program broke its own rules.",
    severity: "fatal",
    action: "Report it with the log.",
  },
} as const satisfies Record<string, ErrorEntry>;
