import { MACHINE_COMMANDS } from "../../../src/app/life-cycle/possible-commands.js";
import { BODY_FAULTS } from "../../../src/virtual/body/faults/body-fault-set.js";
import type { ParameterSpec } from "../../../src/virtual/fault-parameters.js";
import type { SeededRandom } from "../../../src/virtual/random.js";
import { BOARD_TROUBLES } from "./machine-body.js";
import type { MachineRig } from "./machine-rig.js";
import type { Step } from "./step.js";

const LONGEST_WAIT_MS = 60_000;
const USUAL_WAIT_MS = 15_000;
const MOST_FAULTS = 4;
/** Parts that every machine of the rig has, for parameters whose range is wider. */
const MOST: Readonly<Record<string, number>> = { sensor: 3, fan: 4, of: 2, first: 2, second: 2 };

type Choice = readonly [weight: number, make: () => Step];

/** What happens next: more faults while few are there, more of their ends while many are. */
export function chooseStep(random: SeededRandom, rig: MachineRig): Step {
  const { machine, order, isRunning, setPointLimits } = rig;
  const { faults, troubles } = machine;
  const oneOf = <Item>(items: readonly Item[]): Item => {
    const item = items[random.below(items.length)];
    if (item === undefined) throw new RangeError("nothing to choose from");
    return item;
  };
  const between = (from: number, to: number): number => from + (to - from) * random.next();
  const isQuiet = faults.length + troubles.size < MOST_FAULTS;
  const slots = machine.chips.length;
  const choices: Choice[] = [
    [40, () => ({ do: "wait", ms: waitMs(random, rig) })],
    [isQuiet ? 10 : 2, () => faultStep(random, slots, oneOf)],
    [1, () => ({ do: "board", trouble: oneOf(BOARD_TROUBLES), isOn: true })],
    [1, () => ({ do: "chips", slot: random.below(slots), areDead: random.below(2) === 0 })],
    [1, () => ({ do: "room", tempC: Math.round(between(0, 60)) })],
    [0.3, () => ({ do: "set", ...setPoints(random, setPointLimits) })],
    [1, () => ({ do: "hang", ms: Math.ceil(5000 ** random.next()) })],
    [0.2, () => ({ do: "heal" })],
  ];
  if (faults.length > 0) choices.push([3 * faults.length, () => clearStep(oneOf(faults))]);
  if (troubles.size > 0)
    choices.push([3, () => ({ do: "board", trouble: oneOf([...troubles]), isOn: false })]);
  if (machine.isFaulty) choices.push([2, () => ({ do: "clearAll" })]);
  if (isRunning) {
    choices.push([0.7, () => ({ do: "kill" })], [0.4, () => ({ do: "stop" })]);
    choices.push([0.7, () => ({ do: "handOver" })]);
    choices.push([0.3, () => ({ do: "clockJump", ms: Math.round(between(-1e7, 1e7)) })]);
    choices.push([4, () => ({ do: "command", command: oneOf(MACHINE_COMMANDS) })]);
    if (order !== "mine") choices.push([5, () => ({ do: "command", command: "resume" })]);
  } else choices.push([60, () => ({ do: "start" })]);
  const total = choices.reduce((sum, [weight]) => sum + weight, 0);
  let at = random.next() * total;
  for (const [weight, make] of choices) {
    at -= weight;
    if (at < 0) return make();
  }
  return { do: "wait", ms: 1 };
}

/**
 * Mostly short, as much can happen at once while the power is on; what is well and off gets the time that it needs to
 * come up.
 */
function waitMs(random: SeededRandom, { machine, isRunning, oracle }: MachineRig): number {
  if (!oracle.isOn && isRunning && !machine.isFaulty) return 3000 + random.below(27_000);
  const longestMs = random.below(30) === 0 ? LONGEST_WAIT_MS : USUAL_WAIT_MS;
  return Math.ceil(longestMs ** (random.next() ** 2.5));
}

function clearStep({ name, chain }: { readonly name: string; readonly chain?: number }): Step {
  return { do: "clear", name, ...(chain !== undefined && { slot: chain }) };
}

function faultStep(
  random: SeededRandom,
  slots: number,
  oneOf: <Item>(items: readonly Item[]) => Item,
): Step {
  const [name, fault] = oneOf(Object.entries(BODY_FAULTS));
  const given = Object.fromEntries(
    Object.entries(fault.parameters).map(([key, spec]) => [key, parameter(random, key, spec)]),
  );
  // A fault of a board strikes one, or now and then all.
  const isAll = fault.strikes !== "board" || random.below(5) === 0;
  return { do: "fault", name, ...(!isAll && { slot: random.below(slots) }), given };
}

/** What is usual of a fault, or anything that it may be: small amounts as often as large ones. */
function parameter(random: SeededRandom, key: string, spec: ParameterSpec): number | string {
  const { oneOf, fallback, minimum = 0, maximum = 1 } = spec;
  if (oneOf !== undefined) return oneOf[random.below(oneOf.length)] ?? "";
  if (typeof fallback === "string") return fallback;
  const most = Math.min(maximum, MOST[key] ?? Infinity);
  const isCount = key in MOST || key === "slot";
  if (isCount) return minimum + random.below(most - minimum + 1);
  if (fallback !== undefined && random.below(3) === 0) return fallback;
  const size = random.next() ** 3;
  if (minimum < 0) return Math.round((random.below(2) === 0 ? most : minimum) * size);
  const value = minimum + (most - minimum) * size;
  return most <= 1 ? value : Math.round(value);
}

interface SetPointLimits {
  readonly freqMHz: { readonly min: number; readonly max: number };
  readonly railMv: { readonly min: number; readonly max: number };
}

/** Within the limits, and now and then beyond them: then it must be refused. */
function setPoints(
  random: SeededRandom,
  { freqMHz, railMv }: SetPointLimits,
): { freqMHz?: number; railMv?: number } {
  const within = ({ min, max }: { readonly min: number; readonly max: number }): number =>
    min + (max - min) * (random.next() * 1.2 - 0.1);
  const which = random.below(3);
  return {
    ...(which !== 0 && { freqMHz: Math.round(within(freqMHz)) }),
    ...(which !== 1 && { railMv: Math.round(within(railMv)) }),
  };
}
