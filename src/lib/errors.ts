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
    meaning: "This version cannot drive the control board, or not with this machine.",
    severity: "fatal",
    action:
      "Run headframe boards show with the name of the machine for what is missing on each control board.",
  },
  MACHINE_NOT_DRIVEN: {
    meaning: "The machine is listed, but this version cannot drive it.",
    severity: "fatal",
    action: "Run headframe boards show with its name for what is known and what is missing.",
  },
  // Hardware access
  FIELD_INVALID: {
    meaning: "A value lies outside what can be set.",
    severity: "warning",
    action: "Give the named field a value of the kind that is expected.",
  },
  HARDWARE_MISSING: {
    meaning: "Something that the machine needs was not found on this computer.",
    severity: "fatal",
    action: "Read the report: it tells what was looked for, what is missing and what to do.",
  },
  BOARD_MODEL_MISMATCH: {
    meaning: "The device tree names another control board than the configuration.",
    severity: "fatal",
    action: "Set controlBoard to the board that is fitted; a wrong one drives wrong pins.",
  },
  BOARD_INFERRED: {
    meaning: "Values on which safety depends are inferred, and the owner has not allowed them.",
    severity: "fatal",
    action:
      "Prove the named values on the board, or name them under allowInferred in the configuration.",
  },
  I2C_UNAVAILABLE: {
    meaning: "An I2C bus of the control board cannot be opened.",
    severity: "fault",
    action:
      "Check that the device exists, that its driver is loaded and that it may be read and written.",
  },
  I2C_NACK: {
    meaning: "No part answered at an I2C address.",
    severity: "fault",
    action: "Check that the part is fitted and powered.",
  },
  I2C_TIMEOUT: {
    meaning: "A transfer on an I2C bus did not end in time.",
    severity: "fault",
    action: "Check the bus for a part that holds it; it is freed and tried again.",
  },
  I2C_BUS_STUCK: {
    meaning: "An I2C bus is held low and could not be freed.",
    severity: "fault",
    action: "Unplug the hashboards one by one: the bus is free when the faulty one is out.",
  },
  I2C_WRITE_REFUSED: {
    meaning: "A write to an address of an identity memory was refused.",
    severity: "fault",
    action: "Identity memories are only written by the EEPROM procedure.",
  },
  GPIO_UNAVAILABLE: {
    meaning: "A GPIO line of the control board cannot be opened.",
    severity: "fault",
    action: "Check the kernel's GPIO drivers and that nobody else uses the line.",
  },
  GPIO_FAILED: {
    meaning: "A GPIO line cannot be read or driven.",
    severity: "fault",
    action: "Check the kernel log.",
  },
  PWM_UNAVAILABLE: {
    meaning: "A PWM output of the control board cannot be opened.",
    severity: "fault",
    action: "Check the kernel's PWM driver and that nobody else uses the channel.",
  },
  PWM_FAILED: {
    meaning: "A PWM output cannot be read or set.",
    severity: "fault",
    action: "Check the kernel log.",
  },
  TACH_UNAVAILABLE: {
    meaning: "The speed of a fan cannot be measured on this computer.",
    severity: "fault",
    action: "Check the kernel's GPIO or PWM driver.",
  },
  TACH_FAILED: {
    meaning: "The speed of a fan cannot be read.",
    severity: "fault",
    action: "Check the kernel log.",
  },
  WATCHDOG_UNAVAILABLE: {
    meaning: "The watchdog device cannot be opened.",
    severity: "warning",
    action: "Check that the device exists and is not used by another process.",
  },
  WATCHDOG_FAILED: {
    meaning: "The watchdog device cannot be fed.",
    severity: "fault",
    action: "Check the kernel log; the control board restarts when it is not fed.",
  },
  // Power
  PSU_NO_ANSWER: {
    meaning: "The supply does not answer on its data line, or not with a whole frame.",
    severity: "fault",
    action: "Check the cable between supply and control board.",
  },
  PSU_TYPE_UNKNOWN: {
    meaning: "The supply gives a type code that no hardware data describes.",
    severity: "fault",
    action:
      "Use a supply of the list in headframe boards show, or describe this one in boards/power-supplies.",
  },
  PSU_TYPE_UNEXPECTED: {
    meaning: "The supply is not one that this machine comes with.",
    severity: "fault",
    action: "Fit a supply of the list in headframe boards show with the name of the machine.",
  },
  PSU_VOLTAGE_OUT_OF_RANGE: {
    meaning: "A voltage was asked for that supply or machine must not have.",
    severity: "fault",
    action: "Ask for a voltage within the limits that the error names.",
  },
  PSU_READBACK_MISMATCH: {
    meaning: "The supply does not hold the voltage that it was set to.",
    severity: "fault",
    action: "The output stays off. Check or replace the supply.",
  },
  PSU_OUTPUT_WRONG: {
    meaning: "The measured output of the supply is not what it was set to.",
    severity: "fault",
    action: "Check cables and bus bars, then replace the supply.",
  },
  PSU_NOT_OFF: {
    meaning: "The output of the supply was switched off and still has voltage.",
    severity: "fault",
    action: "Disconnect the mains: the enable line or the supply is broken.",
  },
  // Hashboards
  BOARD_MISSING: {
    meaning: "A slot that should hold a hashboard has none.",
    severity: "fault",
    action: "Plug the hashboard in, or name the slots in use under chains in the configuration.",
  },
  BOARD_PLUG_CONTRADICTION: {
    meaning: "The plug line of a slot and the parts of its hashboard contradict each other.",
    severity: "warning",
    action: "Check the connector of the hashboard and the plug line.",
  },
  BOARD_WRONG: {
    meaning: "The hashboard is not of the type that the machine is made of.",
    severity: "fault",
    action: "Fit a hashboard of the right type, or configure the machine that it belongs to.",
  },
  BOARD_MOVED: {
    meaning: "A hashboard sits in another slot than last time.",
    severity: "warning",
    action: "None; what is known of a board goes with its serial number.",
  },
  EEPROM_BLANK: {
    meaning: "The identity memory of a hashboard is blank.",
    severity: "warning",
    action:
      "The board is recognised by its chips alone. Have it written in the factory or by a repair bench.",
  },
  EEPROM_UNKNOWN: {
    meaning: "The identity memory of a hashboard cannot be understood.",
    severity: "warning",
    action: "Keep a copy with headframe eeprom decode; the board is recognised by its chips alone.",
  },
  EEPROM_SILENT: {
    meaning: "The identity memory of a hashboard does not answer.",
    severity: "warning",
    action: "Check the connector of the hashboard.",
  },
  EEPROM_CLONED: {
    meaning: "Several hashboards carry the same serial number.",
    severity: "warning",
    action: "Boards are told apart by their slots. Have the memories written anew.",
  },
  CONTROLLER_NO_ANSWER: {
    meaning: "The controller of a hashboard does not answer.",
    severity: "fault",
    action: "Check the connector and the supply of the hashboard.",
  },
  CONTROLLER_BAD_ANSWER: {
    meaning: "The controller of a hashboard answered with something else than expected.",
    severity: "fault",
    action: "It is asked again; if it stays so, replace the hashboard.",
  },
  CONTROLLER_IN_LOADER: {
    meaning: "The controller of a hashboard stays in its loader.",
    severity: "fault",
    action: "Its program is missing or damaged: the board needs a repair bench.",
  },
  // Temperatures and fans
  SENSOR_IMPLAUSIBLE: {
    meaning: "A temperature sensor gives a value that no working part gives.",
    severity: "fault",
    action: "Replace the sensor or the hashboard.",
  },
  SENSOR_SILENT: {
    meaning: "A temperature sensor does not answer.",
    severity: "fault",
    action:
      "The board is not used, and running boards are switched off. Check connector, sensor and hashboard.",
  },
  SENSORS_DISAGREE: {
    meaning: "Sensors of a board that is at rest differ more than parts do.",
    severity: "fault",
    action: "One of them is wrong: the board is not used until it is repaired.",
  },
  TEMPERATURE_CUT: {
    meaning: "A temperature reached the limit at which power is cut.",
    severity: "fault",
    action: "Check airflow, intake temperature and heat sinks.",
  },
  FAN_MISSING: {
    meaning: "A fan that the machine needs does not turn at full duty.",
    severity: "fault",
    action: "Check the named fan and its connector.",
  },
  FAN_SLOW: {
    meaning: "A fan turns slower at full duty than it must.",
    severity: "fault",
    action: "Clean or replace the named fan.",
  },
  // Life cycle
  COMMAND_REFUSED: {
    meaning: "The machine cannot do that in its present state.",
    severity: "warning",
    action: "Look at headframe status; the error names the state and what is possible in it.",
  },
  ORDER_UNREADABLE: {
    meaning: "What the operator wanted of the machine cannot be read; hash power stays off.",
    severity: "fault",
    action: "Look at the file that was set aside, then run headframe resume.",
  },
  ORDER_NOT_SAVED: {
    meaning: "The order holds, but a restart would not know of it.",
    severity: "fault",
    action: "Check space and permissions of the data directory, then give the order again.",
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
