import { describeTable } from "../../fault-parameters.js";
import { ANSWER_FAULTS } from "./answers.js";
import { BYTE_FAULTS } from "./bytes.js";
import { DIFFICULTY_FAULTS } from "./difficulty.js";
import { EXTRANONCE_FAULTS } from "./extranonce.js";
import type { PoolFaultTable } from "./fault.js";
import { FLOOD_FAULTS } from "./floods.js";
import { JOB_FAULTS } from "./jobs.js";
import { LINK_FAULTS } from "./links.js";
import { OPENING_FAULTS } from "./opening.js";
import { SILENCE_FAULTS } from "./silence.js";

/** Every fault of the test pool by name. */
export const POOL_FAULTS: PoolFaultTable = {
  ...SILENCE_FAULTS,
  ...LINK_FAULTS,
  ...BYTE_FAULTS,
  ...FLOOD_FAULTS,
  ...DIFFICULTY_FAULTS,
  ...JOB_FAULTS,
  ...EXTRANONCE_FAULTS,
  ...ANSWER_FAULTS,
  ...OPENING_FAULTS,
};

/** What `list` says about every fault. */
export function describePoolFaults(): readonly object[] {
  return describeTable(POOL_FAULTS);
}
