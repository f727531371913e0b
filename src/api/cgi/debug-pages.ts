import type { ErrorCode } from "../../lib/errors.js";
import type { ErrorSnapshot } from "../../telemetry/error-snapshot.js";
import type { Snapshot } from "../../telemetry/snapshot.js";

/** Documented: MiningOS's table of what stock machines tell; `J#` is the board, the first where nobody knows. Sheet management.md, 4. */
const WORD_OF: readonly (readonly [readonly ErrorCode[], string])[] = [
  [["TEMPERATURE_CUT", "TEMPERATURE_RISING", "BOARD_HOT", "COOLING_LATE"], "P:1"],
  [["SENSOR_SILENT", "SENSOR_IMPLAUSIBLE", "SENSOR_STUCK", "SENSORS_DISAGREE"], "J0:6"],
  [["BOARD_MISSING", "CHAIN_SILENT"], "J0:8"],
  [["CHAIN_BROKEN", "CHAIN_SALVAGED", "CHAIN_IDLE_CHIPS"], "J#:2"],
  [["EEPROM_BLANK", "EEPROM_UNKNOWN", "EEPROM_SILENT"], "J#:4"],
  [["PSU_NO_ANSWER", "PSU_READBACK_MISMATCH", "PSU_OUTPUT_WRONG", "PSU_NOT_OFF"], "V:1"],
  [["POWER_WITHOUT_WORK", "CHAIN_HUNG"], "R:1"],
];

/** What holds now, in the word of the first trouble that stock machines have one for. */
export function warningPage({ state, trips, troubles }: Snapshot): object {
  const found = [...(state.error === null ? [] : [state.error]), ...trips, ...troubles];
  const [word = "None"] = found.flatMap((each) => wordOf(each) ?? []);
  return { error_message: word };
}

function wordOf({ code, context }: ErrorSnapshot): string | undefined {
  const word = WORD_OF.find(([codes]) => codes.includes(code))?.[1];
  const { slot } = context;
  return word?.replace("#", typeof slot === "number" ? String(slot) : "0");
}
