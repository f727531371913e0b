import { setTimeout as sleep } from "node:timers/promises";
import { loadDrivenMachine } from "../../../src/boards/load-machine.js";
import type { MachineStateName } from "../../../src/telemetry/machine-snapshot.js";
import type { Snapshot } from "../../../src/telemetry/snapshot.js";
import { fullRateUs, lastFirstWorkUs } from "../full-rate.js";
import { Rig } from "../rig.js";
import { atMost, type Bench, type BenchOptions, type Row } from "../rows.js";
import { TruthWatch } from "../truth-watch.js";
import { readTrace, type WireTrace } from "../wire-trace.js";

const MACHINES = ["s19k-pro", "s19j-pro"] as const;
/** Some 400 nonces a second of the whole machine: a rate to two percent within the window. */
const TICKET_DIFFICULTY = 64;
const SHARE_DIFFICULTY = 256;
const FIRST_WORK_LIMIT_S = 30;
const FULL_RATE_LIMIT_S = 60;
/** The states of a machine that starts, in their order. */
const ORDER = ["identify", "selfTest", "power", "bringUp", "hashing"] as const;
/** Watching must not become work for the machine that is watched. */
const WATCH_MS = 20;
/** What the output has when it is there. */
const READY_SHARE = 0.98;
/** Until the rate is full and was seen to be so. */
const MINING_MS = 15_000;

/** Times of one start. */
interface Start {
  /** When the controller's process was started. */
  readonly startUs: number;
  readonly enabledUs: number;
  /** The output really had the voltage that it was set to. */
  readonly readyUs: number;
  readonly snapshot: Snapshot;
  readonly traces: readonly WireTrace[];
}

/** A cold start with the waits that supply, controllers and PLL ramp really have, and where its time goes. */
export const startUp: Bench = {
  name: "start-up",
  run: async (options) => {
    const rows: Row[] = [];
    for (const machine of options.isQuick ? MACHINES.slice(0, 1) : MACHINES)
      rows.push(...rowsOf(machine, await observe(machine, options)));
    return rows;
  },
};

async function observe(machine: string, { isQuick, say }: BenchOptions): Promise<Start> {
  say(`start-up: ${machine} starts cold`);
  const rig = await Rig.start({
    machine,
    hasControllers: true,
    hasQuickParts: isQuick,
    ticketDifficulty: TICKET_DIFFICULTY,
    hasTap: true,
    pool: { startDifficulty: SHARE_DIFFICULTY, jobIntervalS: 5, blockIntervalS: 0 },
  });
  const watch = new TruthWatch(rig.virtualSocket);
  try {
    const enabled = await watch.until("enable line", ({ isEnabled }) => isEnabled, {
      intervalMs: WATCH_MS,
    });
    const ready = await watch.until(
      "output",
      ({ railMv, setpointMv }) => railMv >= READY_SHARE * (setpointMv ?? NaN),
      { intervalMs: WATCH_MS },
    );
    await rig.untilMining();
    say(`start-up: ${machine} mines`);
    await sleep(isQuick ? MINING_MS / 2 : MINING_MS);
    const snapshot = await rig.status();
    await rig.stopController();
    const { chip } = loadDrivenMachine(machine);
    const traces = snapshot.chains.map(({ slot }) => readTrace(rig.tapFolder, slot, chip));
    const { startUs } = rig;
    return { startUs, enabledUs: enabled.atUs, readyUs: ready.atUs, snapshot, traces };
  } finally {
    watch.close();
    await rig.stop();
  }
}

function rowsOf(machine: string, start: Start): readonly Row[] {
  const { startUs, snapshot, traces } = start;
  const firstWorkUs = lastFirstWorkUs(traces, startUs);
  const firstWorkS = (firstWorkUs - startUs) / 1e6;
  const fullS = (fullRateUs(snapshot, traces, firstWorkUs) - startUs) / 1e6;
  const names = snapshot.state.phases.map(({ state }) => state);
  const name = `start-up.${machine}`;
  const isStraight = names.join(" ") === ["off", ...ORDER].join(" ");
  return [
    ...(isStraight ? partsOf(name, start, firstWorkS, fullS) : []),
    {
      ...{ name: `${name}.faults`, figure: names.filter((each) => each === "fault").length },
      ...{ unit: "faults", limit: atMost(0), note: names.join(" ") },
    },
    {
      ...{ name: `${name}.first-work`, figure: firstWorkS, unit: "s" },
      limit: atMost(FIRST_WORK_LIMIT_S),
      note: "from the start of the process, all chains",
    },
    {
      ...{ name: `${name}.full-rate`, figure: fullS, unit: "s" },
      limit: atMost(FULL_RATE_LIMIT_S),
      note: "from the start of the process",
    },
  ];
}

/** Where the time of a straight start goes. */
function partsOf(name: string, start: Start, firstWorkS: number, fullS: number): readonly Row[] {
  const { startUs, enabledUs, readyUs, snapshot } = start;
  const sinceS = (atUs: number): number => (atUs - startUs) / 1e6;
  const beginS = beginsOf(snapshot);
  const parts: readonly (readonly [name: string, fromS: number, toS: number, note: string])[] = [
    ["program", 0, beginS.identify, "from the start of the process until anything is asked"],
    ["identify", beginS.identify, beginS.selfTest, "supply, memories, controllers"],
    ["self-test", beginS.selfTest, beginS.power, "fans turn, sensors answer and agree"],
    ["set-voltage", beginS.power, sinceS(enabledUs), "set and read back, until the enable line"],
    [
      "enable-to-ready",
      sinceS(enabledUs),
      beginS.bringUp,
      `measured as ready; it really was after ${((readyUs - enabledUs) / 1e6).toFixed(2)} s; converters on`,
    ],
    ["chips-up", beginS.bringUp, beginS.hashing, "chips counted, cores open, clock raised"],
    [
      "chips-to-work",
      beginS.hashing,
      firstWorkS,
      "until the slowest chain begins to send its first work",
    ],
    ["work-to-full-rate", firstWorkS, fullS, "begin of the first 5 s with 95 % of the hash rate"],
  ];
  return parts.map(([part, fromS, toS, note]) => ({
    ...{ name: `${name}.${part}`, figure: toS - fromS, unit: "s" },
    note: `${fromS.toFixed(1)} to ${toS.toFixed(1)} s: ${note}`,
  }));
}

/** When each state began, seconds. */
function beginsOf({ state }: Snapshot): Readonly<Record<(typeof ORDER)[number], number>> {
  const begin = (name: MachineStateName): number =>
    state.phases.find((phase) => phase.state === name)?.atS ?? NaN;
  return {
    identify: begin("identify"),
    selfTest: begin("selfTest"),
    power: begin("power"),
    bringUp: begin("bringUp"),
    hashing: begin("hashing"),
  };
}
