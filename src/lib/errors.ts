/**
 * Every error the program can name. Codes are `AREA_WHAT`, never renumbered and never reused.
 * docs/errors.md is generated from this table and a test keeps the two together.
 */
export interface ErrorEntry {
  /** What happened, in one sentence. */
  readonly meaning: string;
  /** `fatal` ends the process, `fault` stops a part, `warning` is survived. */
  readonly severity: "fatal" | "fault" | "warning";
  /** What the operator should do. */
  readonly action: string;
}

const ERRORS = {
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
  // Hardware data
  BOARDS_INVALID: {
    meaning: "A hardware data file does not parse, does not fit the schema or contradicts itself.",
    severity: "fatal",
    action: "Run headframe boards check and correct the named field.",
  },
  BOARDS_UNKNOWN: {
    meaning: "No hardware data file has the given name.",
    severity: "fatal",
    action: "Run headframe boards list for the known names.",
  },
  BOARD_NOT_DRIVEN: {
    meaning: "The control board has a part that this version does not drive.",
    severity: "fatal",
    action: "Use the control board virtual; no metal control board is driven yet.",
  },
  // Wire
  LINK_OPEN_FAILED: {
    meaning: "The serial line of a chain cannot be opened or configured.",
    severity: "fault",
    action: "Check that the device exists, is a tty and is not used by another process.",
  },
  LINK_BAUD_REFUSED: {
    meaning: "The serial driver did not accept the baud rate.",
    severity: "fault",
    action: "Check what rates the UART of this control board can make.",
  },
  LINK_HUNG_UP: {
    meaning: "The serial line of a chain went away.",
    severity: "fault",
    action: "Check cable, adapter and kernel log; the line is opened again when it returns.",
  },
  LINK_WRITE_STALLED: {
    meaning: "The serial line takes no more bytes.",
    severity: "fault",
    action: "Check flow control settings and the kernel log.",
  },
  LINK_RESET_FAILED: {
    meaning: "The reset line of a chain cannot be driven.",
    severity: "fault",
    action: "Check that the reset file of the control board exists and may be written.",
  },
  CAPTURE_UNREADABLE: {
    meaning: "A capture file cannot be read.",
    severity: "fatal",
    action: "Check the path and the permissions.",
  },
  CAPTURE_INVALID: {
    meaning: "A capture file has a line that is not in the capture format.",
    severity: "fatal",
    action: "Correct or remove the named line.",
  },
  // Chains
  CHAIN_SILENT: {
    meaning: "No chip of a chain answered.",
    severity: "fault",
    action: "Check supply, reset line, cable and the first chip.",
  },
  CHAIN_BROKEN: {
    meaning: "Fewer chips answered than the hashboard has.",
    severity: "fault",
    action: "Inspect the named chip and its voltage domain.",
  },
  CHAIN_IDLE_CHIPS: {
    meaning: "Chips of a chain answer but find no nonces while their neighbours do.",
    severity: "warning",
    action: "Restart the chain; a chip that stays idle is bad, or its supply is.",
  },
  CHAIN_EXTRA_CHIPS: {
    meaning: "More chips answered than the hashboard has.",
    severity: "fault",
    action: "Check that the configured machine is the one fitted.",
  },
  CHAIN_WRONG_CHIP: {
    meaning: "A chip answered with the id of another family.",
    severity: "fault",
    action: "Check that the configured machine is the one fitted.",
  },
  CHAIN_REGISTER_TIMEOUT: {
    meaning: "A register read was not answered in time.",
    severity: "warning",
    action:
      "Watch the CRC error counters of the chain; a repeated time-out means a bad chip or line.",
  },
  CHAIN_DEAD_MAN: {
    meaning: "The control plane did not report for too long; work stopped and the chain was reset.",
    severity: "fault",
    action: "Look for what blocked the process in the log; the chain is brought up again.",
  },
  CHAIN_SELF_TEST_FAILED: {
    meaning: "The chips of a chain do not answer a known job with the known nonces.",
    severity: "fault",
    action: "Check the chip family in the hashboard data; the answer format is inferred there.",
  },
  CHAIN_CLOSED: {
    meaning: "The chain was closed while an operation was under way.",
    severity: "warning",
    action: "None; this follows a stop.",
  },
  PLL_UNREACHABLE: {
    meaning: "No PLL setting gives the wanted frequency within the limits of the chip family.",
    severity: "fatal",
    action: "Choose a frequency inside the limits that the message names.",
  },
  // Pool
  DIFFICULTY_INVALID: {
    meaning: "A difficulty is not a positive number, or is so high that no share could meet it.",
    severity: "warning",
    action: "Check what the pool or the configuration asks for.",
  },
  POOL_URL_INVALID: {
    meaning: "The address of a pool cannot be used.",
    severity: "fatal",
    action: "Write stratum+tcp://host:port or stratum+ssl://host:port; correct the named part.",
  },
  POOL_UNREACHABLE: {
    meaning: "No connection to the pool.",
    severity: "warning",
    action: "Check address, name resolution and network; the program keeps trying.",
  },
  POOL_TLS_INVALID: {
    meaning: "The TLS settings of a pool cannot be used.",
    severity: "fatal",
    action: "Correct the named part; a pin is the SHA-256 of the pool's certificate, in hex.",
  },
  POOL_TLS_REFUSED: {
    meaning: "The encrypted connection to the pool was not made, or its certificate not accepted.",
    severity: "warning",
    action:
      "Read the reason; when the certificate is the pool's own, name its authority or its pin.",
  },
  POOL_PROXY_INVALID: {
    meaning: "The address of a proxy cannot be used.",
    severity: "fatal",
    action: "Write socks5://host:port or socks5://user:password@host:port; correct the named part.",
  },
  POOL_PROXY_FAILED: {
    meaning: "The proxy did not connect us to the pool.",
    severity: "warning",
    action: "Read the reason and check the proxy; the program keeps trying.",
  },
  POOL_AUTH_REFUSED: {
    meaning: "The pool refused the worker name or password.",
    severity: "fault",
    action: "Check user and password of the pool in the configuration.",
  },
  POOL_LOGIN_TOO_LONG: {
    meaning: "What a pool is told of this machine would make a line that pools do not take.",
    severity: "fatal",
    action: "Shorten the named part; user names of up to 127 bytes are good nearly everywhere.",
  },
  POOL_PROTOCOL: {
    meaning: "The pool sent something that is not Stratum V1.",
    severity: "warning",
    action: "Check that address and port belong to a Stratum V1 pool.",
  },
  POOL_SILENT: {
    meaning: "The pool did not answer or sent nothing for too long.",
    severity: "warning",
    action: "None; the connection is made anew.",
  },
  POOL_SHARES_REFUSED: {
    meaning: "The pool refused many shares in a row for a fault of this program.",
    severity: "fault",
    action: "Report it with the log; the session is opened anew.",
  },
  POOL_LEFT: {
    meaning:
      "A pool was connected but did not serve: it refused shares, sent bad jobs or fell behind.",
    severity: "warning",
    action:
      "Read the reason beside the code; ask the pool if it comes again. It returns by itself once it is healthy.",
  },
  // Credit and counters
  CREDIT_SHARES_REFUSED: {
    meaning:
      "A pool refuses or does not answer more of the shares sent to it than stale work explains.",
    severity: "warning",
    action:
      "Read the reasons in the status; compare with another pool. The pool or the link is at fault, or the pool skims.",
  },
  CREDIT_SHARES_MISSING: {
    meaning: "Fewer shares are found than the verified nonces promise.",
    severity: "warning",
    action: "Report it with the log; a chip of the named chain lies, or a target is wrong.",
  },
  COUNTERS_UNREADABLE: {
    meaning: "The file of lifetime counters cannot be read; it was kept and not replaced.",
    severity: "warning",
    action: "Look at the file that was set aside; counting goes on from the named state.",
  },
  COUNTERS_NOT_SAVED: {
    meaning: "The lifetime counters cannot be saved.",
    severity: "warning",
    action: "Check space and permissions of the data directory; saving is tried again.",
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

export type ErrorCode = keyof typeof ERRORS;

/** The whole table, for documentation, the API and tests. */
export const ERROR_TABLE: Readonly<Record<ErrorCode, ErrorEntry>> = ERRORS;

/** Facts of one occurrence: flat, machine readable, never prose about what to do. */
export type ErrorContext = Readonly<Record<string, string | number | boolean | null>>;

/** The one error class of the program: a code of the table, the facts, and the cause if any. */
export class MinerError extends Error {
  override readonly name = "MinerError";
  readonly code: ErrorCode;
  readonly context: ErrorContext;

  constructor(code: ErrorCode, context: ErrorContext = {}, options?: { cause?: unknown }) {
    const facts = Object.entries(context).map(([key, value]) => `${key}=${String(value)}`);
    super([`${code}: ${ERRORS[code].meaning}`, ...facts].join(" "), options);
    this.code = code;
    this.context = context;
  }
}

/** True when `error` is ours and has one of the given codes (any code when none is given). */
export function isMinerError(error: unknown, ...codes: readonly ErrorCode[]): error is MinerError {
  return error instanceof MinerError && (codes.length === 0 || codes.includes(error.code));
}
