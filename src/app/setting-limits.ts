import { COOLING_MODES, targetLimitsC } from "../cooling/cooling-plan.js";
import { configJsonSchema, type Config } from "./config.js";
import { drivenFacts } from "./machine/driven-facts.js";
import { AT_LEAST, AT_MOST } from "./machine/own-limits.js";
import { leastPowerW } from "./power-config.js";

/** What one setting may be on this machine; null: nothing is known, or there is no such bound. */
export interface SettingLimit {
  /** As cooling.targetC; [] stands for each entry of a list, * for each name. */
  readonly path: string;
  readonly min: number | null;
  readonly max: number | null;
  readonly choices: readonly unknown[] | null;
  /** What holds when the setting is left out. */
  readonly nominal: unknown;
}

type Bounds = Partial<Omit<SettingLimit, "path">>;

/** What of a JSON Schema says something about ranges. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
}

/** The allowed range of every setting that has one: of its kind, and stricter where the hardware is. */
export function settingLimits(config: Config): readonly SettingLimit[] {
  const bounds = new Map(boundsOf(configJsonSchema(), ""));
  for (const [path, own] of hardwareBounds(config)) {
    const known = Object.entries(own).filter(([, value]) => value !== undefined);
    bounds.set(path, { ...bounds.get(path), ...Object.fromEntries(known) });
  }
  return [...bounds]
    .map(([path, { min = null, max = null, choices = null, nominal = null }]) => ({
      ...{ path, min, max, choices, nominal },
    }))
    .filter(({ min, max, choices }) => [min, max, choices].some((each) => each !== null));
}

function boundsOf(schema: Schema, path: string): readonly (readonly [string, Bounds])[] {
  const { properties = {}, additionalProperties, items, anyOf = [] } = schema;
  const at = (name: string): string => (path === "" ? name : `${path}.${name}`);
  const others = typeof additionalProperties === "object" ? [additionalProperties] : [];
  return [
    [path, ownBounds(schema)],
    ...Object.entries(properties).flatMap(([name, each]) => boundsOf(each, at(name))),
    ...others.flatMap((each) => boundsOf(each, at("*"))),
    ...(items === undefined ? [] : boundsOf(items, `${path}[]`)),
    // One of several forms: a bound of the one that has any.
    ...anyOf.flatMap((each) => boundsOf(each, path)).filter(([, bound]) => hasBound(bound)),
  ];
}

function hasBound({ min, max, choices }: Bounds): boolean {
  return [min, max, choices].some((each) => each !== undefined);
}

function ownBounds(schema: Schema): Bounds {
  const { minimum, exclusiveMinimum, maximum, enum: choices, const: only } = schema;
  const least = minimum ?? exclusiveMinimum;
  return {
    // Whole numbers end where a computer's do: that is no bound.
    ...(least !== undefined && Math.abs(least) !== Number.MAX_SAFE_INTEGER && { min: least }),
    ...(maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER && { max: maximum }),
    ...(choices !== undefined && { choices }),
    ...(only !== undefined && { choices: [only] }),
    ...(schema.default !== undefined && { nominal: schema.default }),
  };
}

function hardwareBounds(config: Config): readonly (readonly [string, Bounds])[] {
  const { machineSpec: machine, board, slots, targetMv, coolingPlan } = config;
  const { freqMHz, railMv, rated, fans, controlBoards } = machine;
  const { limits } = drivenFacts(machine, board);
  const modes = COOLING_MODES.filter((mode) => mode !== "air" || fans?.count !== 0);
  return [
    ["controlBoard", { choices: controlBoards.map(({ name }) => name) }],
    ["freqMHz", { min: freqMHz.min, max: freqMHz.max, nominal: freqMHz.nominal }],
    ["railMv", { min: railMv?.min ?? null, max: railMv?.max ?? null, nominal: railMv?.running }],
    ["powerW", { min: leastPowerW(machine, targetMv) ?? null, nominal: rated.powerW }],
    ["chains[]", { max: board.chains.length - 1, nominal: slots }],
    ["cooling.mode", { choices: modes, nominal: coolingPlan.mode }],
    ["cooling.targetC", { ...targetLimitsC(machine), nominal: coolingPlan.board.targetC }],
    ...AT_MOST.map((name) => [`safety.${name}`, mostOf(limits[name])] as const),
    ...AT_LEAST.map((name) => {
      return [`safety.${name}`, { min: limits[name], nominal: limits[name] }] as const;
    }),
  ];
}

function mostOf(limit: number | undefined): Bounds {
  return { max: limit ?? null, nominal: limit };
}
