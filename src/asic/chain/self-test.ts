import type { ErrorContext } from "../../lib/errors.js";
import type { NonceVerdict } from "../../hal/chain-port.js";
import type { AsicFamily } from "../family.js";

/** Nonces to look at before anything is said. */
const NONCES_NEEDED = 64;
/**
 * With the right reading of the answers practically every nonce meets the ticket target. With a wrong job id echo one
 * in sixteen meets a job by chance, with a wrong version or word order none does.
 */
const MET_SHARE_NEEDED = 0.75;
/** Chips whose sweeps overlap find each other's nonces again: the unit of the hash counting number is wrong. */
const DUPLICATE_SHARE_ALLOWED = 0.1;

export type SelfTestVerdict =
  | { readonly is: "pending"; readonly checked: number; readonly needed: number }
  | { readonly is: "passed"; readonly checked: number }
  | { readonly is: "failed"; readonly facts: ErrorContext };

/** True for families with an answer format or sweep unit that no capture proves. */
export function needsSelfTest(family: AsicFamily): boolean {
  return family.jobEcho.evidence === "inferred" || family.hcnUnit === "inferred";
}

/**
 * Judges what a chain made of its first work, on any network: every nonce was rebuilt into a header of the job that
 * its job byte names, and hashed. Valid nonces of several jobs prove job echo, version field, word order and sweep at
 * once; a fixed header of the past would prove them no better and cost the chain a minute.
 * The caller counts from the first work on and throws CHAIN_SELF_TEST_FAILED with `facts`.
 * @param nonces counters of the chain thread since bring-up
 * @param jobs works sent since bring-up; below two, an echo of the job id proves nothing
 */
export function selfTestVerdict(
  family: AsicFamily,
  nonces: Readonly<Record<NonceVerdict, number>>,
  jobs: number,
): SelfTestVerdict {
  const met = nonces.share + nonces.belowTarget + nonces.duplicate;
  const checked = met + nonces.hardwareError + nonces.unknownWork;
  if (checked < NONCES_NEEDED || jobs < 2) return { is: "pending", checked, needed: NONCES_NEEDED };
  const metShare = met / checked;
  const duplicateShare = nonces.duplicate / checked;
  if (metShare >= MET_SHARE_NEEDED && duplicateShare <= DUPLICATE_SHARE_ALLOWED)
    return { is: "passed", checked };
  return {
    is: "failed",
    facts: {
      chip: family.model,
      checked,
      metTicketTarget: met,
      unknownWork: nonces.unknownWork,
      hardwareErrors: nonces.hardwareError,
      duplicates: nonces.duplicate,
      jobEcho: `${String(family.jobEcho.jobBits)}+${String(8 - family.jobEcho.jobBits)} bits, ${family.jobEcho.evidence}`,
    },
  };
}
