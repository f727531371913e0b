import { setTimeout as sleep } from "node:timers/promises";
import type { Snapshot } from "../../../src/telemetry/snapshot.js";
import { cpuSharePct, usageOf } from "../process-usage.js";
import { Rig } from "../rig.js";
import { atMost, type Bench } from "../rows.js";
import { sumOf } from "../statistics.js";

/** Two chains of 8,650 hashes of difficulty 1 a second give 2,160 nonces a second. */
const CHAINS = [0, 1];
const TICKET_DIFFICULTY = 8;
const SHARE_DIFFICULTY = 8192;
const SETTLE_MS = 1000;
const CPU_SHARE_LIMIT_PCT = 20;

/** CPU of the whole controller while the chips answer as often as it must be able to check. */
export const nonceRate: Bench = {
  name: "nonce-rate",
  run: async ({ isQuick, say }) => {
    say("nonce-rate: two chains come up");
    const rig = await Rig.start({
      ticketDifficulty: TICKET_DIFFICULTY,
      chains: CHAINS,
      pool: { startDifficulty: SHARE_DIFFICULTY, jobIntervalS: 5, blockIntervalS: 0 },
    });
    try {
      await rig.untilMining();
      await sleep(SETTLE_MS);
      say("nonce-rate: mining");
      const noncesBefore = noncesOf(await rig.status());
      const before = usageOf(rig.controllerPid);
      await sleep(isQuick ? 2000 : 15_000);
      const after = usageOf(rig.controllerPid);
      const nonces = noncesOf(await rig.status()) - noncesBefore;
      const perS = nonces / (Number(after.atNs - before.atNs) / 1e9);
      return [
        {
          name: "nonce-rate.nonces",
          figure: perS,
          unit: "nonces/s",
          limit: { is: "atLeast", value: 2000 },
          note: "checked by two chain threads",
        },
        {
          name: "nonce-rate.controller.cpu",
          figure: cpuSharePct(before, after),
          unit: "% of a core",
          limit: atMost(CPU_SHARE_LIMIT_PCT),
          note: "all threads, work and pool included",
        },
        {
          name: "nonce-rate.chain-threads.cpu",
          figure: cpuSharePct(before, after, ({ chainCpuNs }) => chainCpuNs),
          unit: "% of a core",
          note: "both together",
        },
      ];
    } finally {
      await rig.stop();
    }
  },
};

function noncesOf({ chains }: Snapshot): number {
  return sumOf(chains, ({ counters }) => sumOf(Object.values(counters.nonces), (count) => count));
}
