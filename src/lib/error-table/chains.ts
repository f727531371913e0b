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
  CHAIN_SALVAGED: {
    meaning:
      "Chips of a chain are missing, and it works with its whole voltage domains: allowShortChain allows it.",
    severity: "warning",
    action:
      "Have the board repaired: a silent domain in a series stack moves the voltage of the others, which nobody has measured.",
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
  // Which slot hangs on which tty
  CHAIN_ORDER_UNPROVEN: {
    meaning:
      "Which slot hangs on which tty is disputed, and the chips of this machine do not answer one board at a time.",
    severity: "fault",
    action:
      "Find it out on the machine, then give chainOrder the ttys by slot; or leave chainOrder out and name chains under allowInferred to take the order of the board's file. With one hashboard fitted it is found.",
  },
  CHAIN_ORDER_AMBIGUOUS: {
    meaning: "Two slots answered on one tty, or one slot on two, while one was out of reset.",
    severity: "fault",
    action:
      "Check the reset lines of the named slots: one that is stuck lets its board answer too.",
  },
  CHAIN_ORDER_SLOT_SILENT: {
    meaning: "A slot answered on no tty while the order was found out; its tty is a guess.",
    severity: "warning",
    action: "Check its hashboard, cable and reset line. It is asked again at the next start.",
  },
  CHAIN_ORDER_DOUBTED: {
    meaning: "A chain is silent on the tty that its slot was found on before.",
    severity: "warning",
    action:
      "Was the board or the control board exchanged, resume finds the order anew; else check the board.",
  },
  PLL_UNREACHABLE: {
    meaning: "No PLL setting gives the wanted frequency within the limits of the chip family.",
    severity: "fatal",
    action: "Choose a frequency inside the limits that the message names.",
  },
} as const satisfies Record<string, ErrorEntry>;
