import { defaultBoardsDir, fileNames, readBoardFile } from "./files.js";
import type { PowerSupplySpec } from "./machine-spec.js";
import type { SupplyType } from "./schema/power-supply.js";

/** A type code's meaning, and the supply that it stands for. */
export interface KnownSupply {
  readonly supply: PowerSupplySpec;
  readonly type: SupplyType;
}

/**
 * All power supplies of a boards/ folder, by name.
 * @throws BOARDS_INVALID
 */
export function loadSupplies(dir: string = defaultBoardsDir()): PowerSupplySpec[] {
  return fileNames(dir, "power-supplies").map((name) => ({
    name,
    ...readBoardFile(dir, "power-supplies", name),
  }));
}

/**
 * What a type code means with this firmware; undefined where nothing is known of it: then refuse, do not guess.
 * `firmware` is null where it could not be read: the oldest formula counts then, as in the vendor's tool.
 * @throws BOARDS_INVALID
 */
export function findSupplyType(
  typeCode: number,
  firmware: number | null,
  supplies: readonly PowerSupplySpec[] = loadSupplies(),
): KnownSupply | undefined {
  const low = (firmware ?? 0) & 0xff;
  for (const supply of supplies)
    for (const type of supply.types ?? []) {
      const { from, to } = type.firmwareLow ?? { from: 0, to: 0xff };
      if (type.code === typeCode && low >= from && low <= to) return { supply, type };
    }
  return undefined;
}
