import type { MachineSpec } from "../machine-spec.js";
import { eepromExpectation, hex, isEepromAddress } from "./check-hashboard.js";
import type { Report } from "./report.js";

interface Part {
  readonly part: string;
  readonly address: number;
  readonly path: string;
  /** Which bus, among all of the machine. */
  readonly bus: string;
}

/**
 * No two parts at one address of one bus, over all slots. Paths are those of the hashboard file, the faults those of
 * the machine that has so many of it.
 */
export function checkBusAddresses(machine: MachineSpec, report: Report): void {
  const { hashboard, chains } = machine;
  for (const [index, { at }] of (hashboard.sensors ?? []).entries())
    if (at.bus === "boards" && at.addresses.length !== chains)
      report.add(
        `hashboard.sensors.${String(index)}.at.addresses`,
        at.addresses.length,
        `as many as hashboards = ${String(chains)}`,
      );
  const parts = Array.from({ length: chains }, (_, slot) => partsOf(machine, slot)).flat();
  for (const { part, address, path } of parts)
    if (part === "eeprom" && !isEepromAddress(address))
      report.add(path, hex(address), eepromExpectation());
  const firstUse = new Map<string, Part>();
  for (const part of parts) {
    const key = `${part.bus} ${String(part.address)}`;
    const first = firstUse.get(key);
    if (first === undefined) firstUse.set(key, part);
    else if (!isSamePart(first, part))
      report.add(part.path, hex(part.address), `free on bus ${part.bus}; ${first.path} has it`);
  }
}

/** A fan controller may be the sensor of its board too. */
function isSamePart(one: Part, other: Part): boolean {
  return one.part === other.part && one.path !== other.path && one.part === "emc2101";
}

function partsOf({ hashboard }: MachineSpec, slot: number): Part[] {
  const { sensors = [], eeprom, controller, regulator, fanController } = hashboard;
  const slotText = String(slot);
  const onBoards = (part: string, address: number | undefined, path: string): Part[] =>
    address === undefined ? [] : [{ part, address, path: `hashboard.${path}`, bus: "boards" }];
  const ofSensors = sensors.flatMap(({ part, at }, index): Part[] => {
    const path = `sensors.${String(index)}.at`;
    if (at.bus === "boards")
      return onBoards(part, at.addresses[slot], `${path}.addresses.${slotText}`);
    const behind = at.bus === "chip" ? `chip ${String(at.chip)}` : "controller";
    const bus = `behind ${behind} of slot ${slotText}`;
    return [{ part, address: at.address, path: `hashboard.${path}.address`, bus }];
  });
  const next = (address: number | undefined): number | undefined =>
    address === undefined ? undefined : address + slot;
  return [
    ...ofSensors,
    ...onBoards("eeprom", next(eeprom?.address), "eeprom.address"),
    ...onBoards("controller", next(controller?.address), "controller.address"),
    ...onBoards("regulator", regulator?.address, "regulator.address"),
    ...onBoards(fanController?.part ?? "", fanController?.address, "fanController.address"),
  ];
}
