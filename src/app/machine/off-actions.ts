import type { ControlBoard } from "../../boards/machine-spec.js";
import type { PowerSupply } from "../../drivers/power-supply.js";
import type { Level } from "../../hal/gpio.js";
import type { Hardware, NativeLine } from "../../hal/hardware.js";
import type { OffAction } from "../../hal/off-action.js";
import { MinerError } from "../../lib/errors.js";

export interface OffActionParts {
  readonly board: ControlBoard;
  readonly hardware: Hardware;
  /** The enable line; undefined where a regulator is switched over its data line. */
  readonly enable: NativeLine | undefined;
  readonly supply: PowerSupply | undefined;
  readonly resetLines: ReadonlyMap<number, NativeLine>;
}

/**
 * What native code does to make the machine safe by itself: output off, then every chain in reset.
 * @throws GUARD_UNAVAILABLE when it cannot switch the output
 */
export function offActions(parts: OffActionParts): readonly OffAction[] {
  const resets = [...parts.resetLines.values()].map((line) => lineAction(line, 0));
  return [powerAction(parts), ...resets];
}

function powerAction({ board, hardware, enable, supply }: OffActionParts): OffAction {
  const { psuEnable, buses } = board;
  if (enable !== undefined && psuEnable !== undefined)
    return lineAction(enable, psuEnable.onLevel === 1 ? 0 : 1);
  const { offWrite } = supply ?? {};
  const bus = buses?.boards;
  const action = offWrite && bus && hardware.writeAction?.(bus, offWrite.address, offWrite.bytes);
  if (action !== undefined) return action;
  throw new MinerError("GUARD_UNAVAILABLE", { missing: "switch of the supply" });
}

function lineAction(line: NativeLine, level: Level): OffAction {
  if ("path" in line) return { is: "file", path: line.path, text: String(level) };
  return { is: "line", ...line, level };
}
