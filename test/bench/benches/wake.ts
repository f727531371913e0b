import { setTimeout as sleep } from "node:timers/promises";
import { fullRateUs, lastFirstWorkUs } from "../full-rate.js";
import { monotonicUs } from "../monotonic.js";
import { Rig } from "../rig.js";
import { atMost, type Bench, type Row } from "../rows.js";
import { maximum } from "../statistics.js";
import { readTrace } from "../wire-trace.js";

const CHIP = "BM1366";
/** Some 400 nonces a second of the whole machine: a rate to two percent within the window. */
const TICKET_DIFFICULTY = 64;
const SHARE_DIFFICULTY = 256;
const WAKE_LIMIT_S = 10;
const ROUNDS = 3;
/** Looks at the clock without a change: some seconds, longer than a step of its ramp. */
const STILL_LOOKS = 12;
/** Until no answer to old work is on its way any more. */
const ASLEEP_MS = 3000;
/** Longer than a wake may take, and the window of a rate. */
const AWAKE_MS = 17_000;

/** How long a machine that sleeps with its power on takes to mine again. */
export const wake: Bench = {
  name: "wake",
  run: async ({ isQuick, say }) => {
    say("wake: three chains come up");
    const rig = await Rig.start({
      ticketDifficulty: TICKET_DIFFICULTY,
      hasControllers: true,
      hasQuickParts: isQuick,
      hasTap: true,
      pool: { startDifficulty: SHARE_DIFFICULTY, jobIntervalS: 5, blockIntervalS: 0 },
    });
    try {
      const { chains } = await rig.untilMining();
      const cruisingMHz = Math.min(...chains.map(({ freqMHz }) => freqMHz));
      const wakesUs: number[] = [];
      let asleepMHz = NaN;
      for (let round = 1; round <= (isQuick ? 1 : ROUNDS); round++) {
        say(`wake: sleep and wake, time ${String(round)}`);
        asleepMHz = await fallAsleep(rig, cruisingMHz);
        wakesUs.push(monotonicUs());
        await rig.order("wake");
        await sleep(AWAKE_MS);
      }
      const snapshot = await rig.status();
      await rig.stopController();
      const traces = chains.map(({ slot }) => readTrace(rig.tapFolder, slot, CHIP));
      const works = wakesUs.map((atUs) => (lastFirstWorkUs(traces, atUs) - atUs) / 1e6);
      const full = wakesUs.map((atUs) => (fullRateUs(snapshot, traces, atUs) - atUs) / 1e6);
      const note = `slowest of ${String(wakesUs.length)}, from the command; asleep at ${asleepMHz.toFixed(0)} MHz`;
      return [
        row("wake.first-work", works, `${note}, at that clock`),
        row("wake.full-rate", full, note),
      ];
    } finally {
      await rig.stop();
    }
  },
};

/** Resolves with the clock of the chips once it stands still, and nobody answers to old work any more. */
async function fallAsleep(rig: Rig, cruisingMHz: number): Promise<number> {
  await rig.order("sleep");
  let lastMHz = Infinity;
  let looks = 0;
  const { chains } = await rig.until("the chips are slow", ({ chains: now }) => {
    const fastestMHz = maximum(now.map(({ freqMHz }) => freqMHz));
    looks = fastestMHz === lastMHz ? looks + 1 : 0;
    lastMHz = fastestMHz;
    return looks >= STILL_LOOKS && fastestMHz < cruisingMHz / 2;
  });
  await sleep(ASLEEP_MS);
  return maximum(chains.map(({ freqMHz }) => freqMHz));
}

function row(name: string, samplesS: readonly number[], note: string): Row {
  // NaN, which no maximum shows, must not hide.
  const figure = samplesS.some(Number.isNaN) ? NaN : maximum(samplesS);
  return { name, figure, unit: "s", limit: atMost(WAKE_LIMIT_S), note };
}
