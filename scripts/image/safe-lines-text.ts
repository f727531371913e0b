import type { ControlBoardFile, Line } from "../../src/boards/schema/control-board.js";
import type { Evidence } from "../../src/lib/evidence.js";

/**
 * `gpio LABEL OFFSET LEVEL` and `pwm CHIP CHANNEL PERIOD_NS DUTY_NS`, in the order to set them. A line that is inferred
 * may be something else on the board, and one that has only a number is another one with another kernel: they stay
 * comments, and the board is as safe as its reset leaves it until its owner has allowed the program to drive them.
 */
export function safeLines(board: ControlBoardFile): string {
  const { psuEnable: supply, chains, chainFacts, fanGroups = [] } = board;
  return [
    ...(supply === undefined
      ? []
      : [gpio("supply off", supply.line, 1 - supply.onLevel, supply.evidence)]),
    ...chains.map(({ reset }, slot) =>
      gpio(`chain ${slot} in reset`, reset, 0, chainFacts.evidence),
    ),
    ...fanGroups.map(fans),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function gpio(what: string, line: Line, level: number, evidence: Evidence): string {
  if (evidence === "inferred") return `# left out, inferred: ${what}`;
  if (!("chip" in line)) return `# left out, not by chip and offset: ${what}`;
  return `gpio ${line.chip} ${line.offset} ${level}`;
}

type FanGroup = NonNullable<ControlBoardFile["fanGroups"]>[number];

/** Fans may run whatever the output is: the program drives inferred ones too. */
function fans({ name, pwm, periodNs, inverted = false }: FanGroup): string {
  if ("virtual" in pwm) return `# left out, virtual: fans ${name}`;
  return `pwm ${pwm.chip} ${pwm.channel} ${periodNs} ${inverted ? 0 : periodNs}`;
}
