import { BRING_UPS } from "../asic/bring-up/bring-ups.js";
import { FAMILIES } from "../asic/families.js";
import { describeFacts, wrapped } from "../boards/describe/describe-facts.js";
import { factGroups } from "../boards/describe/fact-groups.js";
import { drivability, type Drivability } from "../boards/drivability.js";
import { defaultBoardsDir, findBoardFile } from "../boards/files.js";
import { loadMachine } from "../boards/load-machine.js";
import type { MachineSpec } from "../boards/machine-spec.js";
import { DRIVEN_CHIPS } from "../boards/names.js";
import type { Obstacle } from "../boards/obstacles.js";
import type { MachineFile } from "../boards/schema/index.js";
import { print, type JsonOption } from "./output.js";

/** Prints all that is known of a machine, hashboard, control board or supply, and how it is known. */
export function showBoard(name: string, options: JsonOption): void {
  const { kind, value } = findBoardFile(defaultBoardsDir(), name);
  if (kind === "machines") {
    showMachine(loadMachine(name), value as MachineFile, options);
    return;
  }
  const { title } = value as { readonly title: string };
  print({ name, ...value, inferred: inferredOf(value) }, options, () =>
    [`${title} (${name})`, "", describeFacts(value)].join("\n"),
  );
}

function showMachine(machine: MachineSpec, file: MachineFile, options: JsonOption): void {
  const { supplies, freqMHz, railMv, rated, fans, cooling, resetTogether, limits } = file;
  const driver = driverFacts(machine);
  const facts = {
    ...{ rated, freqMHz, railMv, supplies, fans, cooling, resetTogether, limits },
    hashboard: machine.hashboard,
    ...driver,
  };
  const driving = drivability(machine);
  print({ ...machine, ...driver, inferred: inferredOf(facts), driving }, options, () =>
    [
      `${machine.title} (${machine.name})`,
      chainsText(machine),
      describeFacts(facts),
      "",
      "control boards",
      ...driving.flatMap(drivingLines),
      "",
      `more: headframe boards show ${[...file.controlBoards, ...(supplies?.names ?? [])].join(", ")}`,
    ].join("\n"),
  );
}

/** What the driver adds: how its bring-up and its chip family are known. */
function driverFacts(machine: MachineSpec): object {
  const chip = DRIVEN_CHIPS.find((driven) => driven === machine.chip);
  if (machine.bringUp === undefined || chip === undefined) return {};
  const { name, evidence, source } = BRING_UPS[machine.bringUp];
  const { pll, jobEcho, sweepOverrun } = FAMILIES[chip];
  return {
    bringUp: { name, evidence, source },
    family: { pll, jobEcho, sweepOverrun },
  };
}

function chainsText({ chains, chip, hashboard }: MachineSpec): string {
  const { chips, domains, chipsPerDomain } = hashboard.chain;
  return (
    `${String(chains)} x ${hashboard.title}: ${String(chips)} ${chip} in ` +
    `${String(domains)} domains of ${String(chipsPerDomain)}`
  );
}

function inferredOf(facts: object): object[] {
  return factGroups(facts)
    .filter(({ evidence }) => evidence === "inferred")
    .map(({ path, text, source }) => ({ path, value: text, source }));
}

function drivingLines(driving: Drivability): string[] {
  return [...stateLines(driving), ...orderLines(driving)];
}

/** Of boards that may be driven: who says which slot hangs on which tty, where sources dispute it. */
function orderLines({ state, chainOrder }: Drivability): string[] {
  if (state === "refuses" || chainOrder === "data") return [];
  const label = "which slot hangs on which tty is disputed: ";
  if (chainOrder === "hardware")
    return [
      wrapped(label, "it is found with one hashboard out of reset at a time, and kept", "    "),
    ];
  const who =
    'its hashboards answer only together, so its owner tells it: "chainOrder" with the ttys by slot, ' +
    'or "chains" in "allowInferred" for the order of the file; one hashboard alone is found';
  return [wrapped(label, who, "    ")];
}

function stateLines({ controlBoard, state, allowInferred, obstacles }: Drivability): string[] {
  const inferred = obstacles.filter(({ is }) => is === "inferred");
  const hard = obstacles.filter((obstacle) => !inferred.includes(obstacle));
  switch (state) {
    case "drives":
      return [`  ${controlBoard}: drives it`];
    case "asks":
      return [
        `  ${controlBoard}: drives it once its owner allows inferred values in the configuration:`,
        `    "allowInferred": [${allowInferred.map((name) => `"${name}"`).join(", ")}]`,
        ...inferred.flatMap(inferredLines),
      ];
    case "refuses":
      return [
        `  ${controlBoard}: does not drive it`,
        ...hard.map(({ is, name, why }) =>
          wrapped(is === "missing" ? `${name} is missing: ` : "", why, "    "),
        ),
        ...(inferred.length > 0
          ? [`    also inferred: ${inferred.map(({ name }) => name).join(", ")}`]
          : []),
      ];
  }
}

/** Where values of the machine come from stands further up. */
function inferredLines({ of, name, value, source, why }: Obstacle): string[] {
  const what = wrapped(`${name}: `, `${String(value)} (${why})`, "    ");
  return of === "machine" ? [what] : [what, wrapped("inferred: ", String(source), "      ")];
}
