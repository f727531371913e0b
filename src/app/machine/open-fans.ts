import type { ControlBoard, MachineSpec } from "../../boards/machine-spec.js";
import type { CoolingPlan } from "../../cooling/cooling-plan.js";
import { FanBank, type FanGroupOutput, type FanTachInput } from "../../cooling/fan-bank.js";
import type { Hardware } from "../../hal/hardware.js";
import type { Clock } from "../../lib/clock.js";
import { findingOf, findingText } from "../../lib/finding.js";
import type { Logger } from "../../lib/logger.js";
import type { DrivenFacts } from "./driven-facts.js";
import type { MachineBuses, MachineParts } from "./parts.js";

export interface OpenFansOptions {
  readonly machine: MachineSpec;
  readonly board: ControlBoard;
  readonly facts: DrivenFacts;
  readonly cooling: CoolingPlan;
  readonly hardware: Hardware;
  readonly buses: MachineBuses;
  readonly parts: MachineParts;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The fans of the hashboard's own controller, or those of the control board. One whose speed cannot be measured is
 * left out: it is missed when the fans are to be proven.
 * @throws PWM_UNAVAILABLE, I2C_...
 */
export async function openFans(options: OpenFansOptions): Promise<FanBank> {
  const { facts, cooling, clock } = options;
  const { groups, tachs } = await openSignals(options);
  const needed = cooling.neededFans;
  const { minRpm } = facts.limits;
  return new FanBank({
    groups,
    tachs,
    needed,
    minRpm,
    maxRpm: options.machine.fans?.maxRpm,
    clock,
  });
}

interface Signals {
  readonly groups: readonly FanGroupOutput[];
  readonly tachs: readonly FanTachInput[];
}

async function openSignals(options: OpenFansOptions): Promise<Signals> {
  const { machine, board, hardware, buses, parts, log } = options;
  const { fanController } = machine.hashboard;
  if (fanController !== undefined && buses.boards !== undefined) {
    const { output, tach } = await parts.openFanController(buses.boards, fanController.address);
    return { groups: [{ name: output.name, output, fans: [1] }], tachs: [{ fan: 1, tach }] };
  }
  const groups = await Promise.all(
    (board.fanGroups ?? []).map(async (group) => {
      const output = await hardware.openPwm(group);
      return { name: group.name, output, fans: group.fans };
    }),
  );
  const tachs: FanTachInput[] = [];
  for (const spec of board.tachs ?? []) {
    try {
      tachs.push({ fan: spec.fan, tach: await hardware.openTach(spec) });
    } catch (error) {
      log.warn({ error: findingText(findingOf(error, { fan: spec.fan })) }, "tach not opened");
    }
  }
  return { groups, tachs };
}
