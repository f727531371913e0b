import { setTimeout as sleep } from "node:timers/promises";
import { cpuSharePct, usageOf, type Usage } from "../process-usage.js";
import { Rig } from "../rig.js";
import { atMost, type Bench, type Row } from "../rows.js";
import { maximum } from "../statistics.js";

/** As stock firmware has it; the virtual machine then gives 100 nonces a second. */
const TICKET_DIFFICULTY = 256;
/** Three shares a second, which is many. */
const SHARE_DIFFICULTY = 8192;
/** What start-up left behind is collected by then. */
const SETTLE_MS = 5000;
const SAMPLE_MS = 1000;
const RSS_LIMIT_MB = 80;
/** Decided: an eMMC of 4 GB with 3,000 cycles bears it for 65 years. */
const WRITTEN_LIMIT_MB = 500;
const DAY_S = 86_400;

/** CPU and memory while three chains mine and nothing special happens. */
export const resources: Bench = {
  name: "resources",
  run: async ({ isQuick, say }) => {
    say("resources: three chains come up");
    const rig = await Rig.start({
      ticketDifficulty: TICKET_DIFFICULTY,
      pool: { startDifficulty: SHARE_DIFFICULTY, jobIntervalS: 5, blockIntervalS: 17 },
    });
    try {
      await rig.untilMining();
      await sleep(isQuick ? 1000 : SETTLE_MS);
      say("resources: mining");
      const controller: Usage[] = [usageOf(rig.controllerPid)];
      const virtual = [usageOf(rig.virtualPid)];
      for (let samples = isQuick ? 3 : 120; samples > 0; samples--) {
        await sleep(SAMPLE_MS);
        controller.push(usageOf(rig.controllerPid));
        virtual.push(usageOf(rig.virtualPid));
      }
      return [...usageRows("controller", controller), ...usageRows("virtual", virtual)];
    } finally {
      await rig.stop();
    }
  },
};

function usageRows(name: "controller" | "virtual", samples: readonly Usage[]): readonly Row[] {
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return [];
  const seconds = Number(last.atNs - first.atNs) / 1e9;
  const note = `over ${seconds.toFixed(0)} s`;
  return [
    {
      name: `resources.${name}.cpu`,
      figure: cpuSharePct(first, last),
      unit: "% of a core",
      note,
    },
    {
      name: `resources.${name}.rss`,
      figure: maximum(samples.map(({ rssMb }) => rssMb)),
      unit: "MB",
      ...(name === "controller" && { limit: atMost(RSS_LIMIT_MB) }),
      note: `most ${note}; ${first.rssMb.toFixed(1)} at the begin, ${last.rssMb.toFixed(1)} at the end`,
    },
    { name: `resources.${name}.rss-peak`, figure: last.peakRssMb, unit: "MB", note: "since start" },
    ...(name === "controller" ? [writtenRow(first, last, seconds)] : []),
  ];
}

function writtenRow(first: Usage, last: Usage, seconds: number): Row {
  const bytes = last.writtenBytes - first.writtenBytes;
  return {
    name: "resources.controller.written",
    figure: ((bytes / seconds) * DAY_S) / 1e6,
    unit: "MB a day",
    limit: atMost(WRITTEN_LIMIT_MB),
    note: `${(bytes / 1e6).toFixed(2)} MB over ${seconds.toFixed(0)} s, by the kernel's count of pages`,
  };
}
