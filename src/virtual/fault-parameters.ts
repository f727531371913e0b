import { MinerError } from "../lib/errors.js";

export interface ParameterSpec {
  readonly meaning: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly oneOf?: readonly string[];
  /** Any text that is not empty, up to so many characters. */
  readonly textUpTo?: number;
  /** Taken when the parameter is not given; without it the parameter must be there. */
  readonly fallback?: number | string;
}

export type FaultParameters = Readonly<Record<string, number | string>>;

/** What a fault is, whatever it does. */
export interface FaultDescription {
  readonly meaning: string;
  readonly parameters: Readonly<Record<string, ParameterSpec>>;
}

/** What `list` says about every fault of a table. */
export function describeTable(
  table: Readonly<Record<string, FaultDescription>>,
): readonly ({ readonly name: string } & FaultDescription)[] {
  return Object.entries(table).map(([name, { meaning, parameters }]) => ({
    name,
    meaning,
    parameters,
  }));
}

/** @throws MinerError VIRTUAL_FAULT_UNKNOWN */
export function findInTable<Fault>(table: Readonly<Record<string, Fault>>, name: string): Fault {
  const fault = Object.hasOwn(table, name) ? table[name] : undefined;
  if (fault === undefined) throw new MinerError("VIRTUAL_FAULT_UNKNOWN", { name });
  return fault;
}

/**
 * The parameters of a fault, checked, with what was left out filled in.
 * @throws MinerError VIRTUAL_REQUEST_INVALID
 */
export function checkParameters(
  fault: FaultDescription,
  given: Readonly<Record<string, unknown>>,
): FaultParameters {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(fault.parameters, name));
  if (unknown !== undefined)
    throw new MinerError("VIRTUAL_REQUEST_INVALID", {
      parameter: unknown,
      expected: Object.keys(fault.parameters).join(", ") || "no parameters",
    });
  const checked: Record<string, number | string> = {};
  for (const [name, spec] of Object.entries(fault.parameters)) {
    const value = given[name] ?? spec.fallback;
    if (!fits(spec, value)) {
      throw new MinerError("VIRTUAL_REQUEST_INVALID", {
        parameter: name,
        value: JSON.stringify(value ?? null),
        expected: expected(spec),
      });
    }
    checked[name] = value;
  }
  return checked;
}

function fits(spec: ParameterSpec, value: unknown): value is number | string {
  if (spec.oneOf !== undefined) return typeof value === "string" && spec.oneOf.includes(value);
  if (spec.textUpTo !== undefined)
    return typeof value === "string" && value !== "" && value.length <= spec.textUpTo;
  return (
    typeof value === "number" &&
    value >= (spec.minimum ?? -Infinity) &&
    value <= (spec.maximum ?? Infinity)
  );
}

function expected({ oneOf, textUpTo, minimum, maximum }: ParameterSpec): string {
  if (oneOf !== undefined) return oneOf.join(", ");
  if (textUpTo !== undefined) return `text of 1 to ${String(textUpTo)} characters`;
  return `${String(minimum)}..${String(maximum)}`;
}
