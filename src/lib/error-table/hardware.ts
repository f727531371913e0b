import type { ErrorEntry } from "./error-entry.js";

export const HARDWARE_ERRORS = {
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
} as const satisfies Record<string, ErrorEntry>;
