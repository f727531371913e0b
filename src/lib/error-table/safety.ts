import type { ErrorEntry } from "./error-entry.js";

export const SAFETY_ERRORS = {
  GUARD_TRIPPED: {
    meaning: "The native guard cut the power because the controller did not feed it.",
    severity: "fault",
    action:
      "Report it with the log: the controller hung, or its processor was held up. The machine starts again by itself.",
  },
  GUARD_UNAVAILABLE: {
    meaning:
      "What cuts the power when the controller dies cannot be started, so that the power stays off.",
    severity: "fault",
    action:
      "Check that build/Release/companion is there and may be executed, and memory and processes that are left.",
  },
  TRIP_UNKNOWN: {
    meaning: "No trip has that id.",
    severity: "warning",
    action: "Run headframe trips for those that are remembered.",
  },
  EVENT_LOOP_STALLED: {
    meaning: "The controller did nothing for longer than it may while power is on.",
    severity: "fault",
    action: "Report it with the log, and look for other programs that use the processor.",
  },
  CLOCK_JUMPED: {
    meaning: "The time of day was moved. Ages and deadlines do not depend on it.",
    severity: "warning",
    action: "None at the start of a board without a clock; otherwise check its time server.",
  },
  DISK_FULL: {
    meaning: "The data directory has no space left: counters, trips and settings cannot be kept.",
    severity: "warning",
    action: "Free space on the disk of the data directory.",
  },
  BOARD_HOT: {
    meaning: "A hashboard is nearly at its limit while the others are cool.",
    severity: "fault",
    action: "It was taken out before all power had to be cut. Check its heat sinks and airflow.",
  },
  TEMPERATURE_RISING: {
    meaning: "A temperature rises faster than a cooled part does.",
    severity: "fault",
    action: "Check heat sinks, airflow and coolant of the named board.",
  },
  SENSOR_STUCK: {
    meaning: "A temperature sensor says the same while power and other sensors change.",
    severity: "fault",
    action: "The board is not used until the sensor is repaired.",
  },
  PSU_HOT: {
    meaning: "The supply is too hot.",
    severity: "fault",
    action: "Check the supply's fans and the air that it gets.",
  },
  PSU_OVERPOWER: {
    meaning: "The supply gives more power than it is rated for.",
    severity: "fault",
    action: "Lower the clock, or fit a supply that is rated for it.",
  },
  PSU_OVERCURRENT: {
    meaning: "The supply gives more current than it is rated for.",
    severity: "fault",
    action: "Check hashboards and bus bars for a short, then lower the clock.",
  },
  CONTROL_BOARD_HOT: {
    meaning: "The control board is too hot to be trusted.",
    severity: "fault",
    action: "Check the air around the control board.",
  },
  FAN_LYING: {
    meaning: "A fan tells a speed that does not follow what it is driven with.",
    severity: "fault",
    action: "Check the named fan, its connector and its tach wire.",
  },
  COOLING_LATE: {
    meaning:
      "The fans were not looked after for some seconds, as the program was held up; they are at full speed.",
    severity: "warning",
    action:
      "Nothing when it happens once. Otherwise look what else takes the time of the control board.",
  },
  CHAIN_HUNG: {
    meaning: "A chain gets work and finds nothing.",
    severity: "fault",
    action: "The board is taken out and tried again with the next start or headframe resume.",
  },
  POWER_WITHOUT_WORK: {
    meaning: "The hashboards have power, and none of them has had work for long.",
    severity: "warning",
    action: "Check the pools; headframe curtail switches the hash power off.",
  },
  HASH_WITHOUT_POWER: {
    meaning: "Chips find nonces although the supply is said to be off.",
    severity: "fault",
    action: "Disconnect the mains: the enable line or the supply is broken.",
  },
} as const satisfies Record<string, ErrorEntry>;
