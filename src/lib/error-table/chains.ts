import type { ErrorEntry } from "./error-entry.js";

export const CHAIN_ERRORS = {
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
} as const satisfies Record<string, ErrorEntry>;
