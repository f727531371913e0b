import { replayCase, type CaseIdentity, type CaseOutcome } from "./run-case.js";
import type { Step } from "./step.js";

/** Histories are short; what is not small after so many tries is small enough. */
const MOST_TRIES = 200;

/** A shorter history that breaks the same promise: pieces are left out as long as that goes, large ones first. */
export async function shrink(failed: CaseOutcome, dir: string): Promise<CaseOutcome> {
  const { identity, violation } = failed;
  let best = failed;
  let tries = 0;
  const breaksToo = async (steps: readonly Step[]): Promise<boolean> => {
    tries += 1;
    const outcome = await replayCase(identity, steps, dir);
    if (outcome.violation?.promise !== violation?.promise) return false;
    best = outcome;
    return true;
  };
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < best.steps.length && tries < MOST_TRIES;) {
      const rest = [...best.steps.slice(0, at), ...best.steps.slice(at + size)];
      if (rest.length === 0 || !(await breaksToo(rest))) at += size;
    }
  }
  return best;
}

/** A history as a file that can be replayed. */
export function historyText({ identity, steps }: Pick<CaseOutcome, "identity" | "steps">): string {
  const lines = steps.map((step) => `    ${JSON.stringify(step)}`).join(",\n");
  return `{\n  "identity": ${JSON.stringify(identity)},\n  "steps": [\n${lines}\n  ]\n}\n`;
}

export function parseHistory(text: string): {
  readonly identity: CaseIdentity;
  readonly steps: readonly Step[];
} {
  return JSON.parse(text) as { identity: CaseIdentity; steps: readonly Step[] };
}
