import type { ErrorEntry } from "./error-entry.js";

export const MACHINE_ERRORS = {
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
  COMMAND_DENIED: {
    meaning: "A command came by a way that may not give it.",
    severity: "warning",
    action: "Give it by another way, or allow it to this one in the configuration.",
  },
  COMMAND_EXPIRED: {
    meaning: "A command came after the time until which it was meant.",
    severity: "warning",
    action: "Give it again; if this repeats, compare the clocks of the sender and the machine.",
  },
  COMMAND_ID_REUSED: {
    meaning: "Another command came with the id of an earlier one.",
    severity: "warning",
    action: "Give every command an id of its own.",
  },
  POWER_TARGET_REFUSED: {
    meaning: "The machine cannot be held to so few watts.",
    severity: "warning",
    action: "Name more watts, as the error says; for less, sleep, or curtail without watts.",
  },
  POWER_TARGET_UNREACHED: {
    meaning: "The machine runs at its lowest clock and takes more watts than it should.",
    severity: "warning",
    action: "Lower the voltage of the hashboards, sleep, or curtail without watts.",
  },
  LOCATE_UNAVAILABLE: {
    meaning: "No light of this control board is known well enough to be switched.",
    severity: "warning",
    action: "Find the machine by its address; boards/ says what is missing.",
  },
  REBOOT_UNAVAILABLE: {
    meaning: "The program may not or cannot start the control board anew.",
    severity: "warning",
    action: "Read the reason; name a program under rebootWith, or run the controller as root.",
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
} as const satisfies Record<string, ErrorEntry>;
