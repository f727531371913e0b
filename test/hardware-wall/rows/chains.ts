import type { HardwareRow } from "../row.js";

/** Chips are counted each 30 s, and who is missing is asked again. */
const COUNTED_S = 40;
/** The same, on a wire that has to be waited for. */
const CENSUS_S = 60;

const AGAIN = { acts: "recovery", effect: "again", slots: [1], recovers: "resume" } as const;
const GOES_ON = { acts: "nobody", effect: "none", withinS: 5, recovers: "byItself" } as const;

/** Chips, chains and their wires. */
export const CHAIN_ROWS: readonly HardwareRow[] = [
  {
    name: "a chip dies",
    isLong: true,
    faults: [{ name: "chipDead", chain: 1, chip: 12 }],
    ...{ ...AGAIN, withinS: CENSUS_S, shown: ["CHAIN_BROKEN"] },
  },
  {
    name: "a voltage domain is shorted",
    isLong: true,
    faults: [{ name: "domainShorted", chain: 1, domain: 3 }],
    ...{ ...AGAIN, withinS: CENSUS_S, shown: ["CHAIN_BROKEN"] },
  },
  {
    name: "a voltage domain opens",
    isLong: true,
    faults: [{ name: "domainOpen", chain: 1 }],
    ...{ ...AGAIN, withinS: CENSUS_S, shown: ["CHAIN_SILENT"] },
  },
  {
    name: "the busy line is stuck behind a chip",
    isLong: true,
    faults: [{ name: "stuckBusy", chain: 1, chip: 30 }],
    ...{ ...AGAIN, withinS: CENSUS_S, shown: ["CHAIN_BROKEN"] },
  },
  {
    name: "a wire is nothing but noise",
    isLong: true,
    faults: [{ name: "byteDamage", chain: 1, share: 1, direction: "both" }],
    ...{ ...AGAIN, withinS: CENSUS_S, shown: ["CHAIN_SILENT"] },
  },
  {
    name: "the reset line of a chain is pulled by itself",
    isLong: true,
    faults: [{ name: "resetStuck", chain: 1, at: "pulled" }],
    ...{ ...AGAIN, acts: "part", withinS: CENSUS_S, shown: ["CHAIN_SILENT"] },
    shownWithinS: CENSUS_S,
  },
  {
    name: "a serial line takes and gives nothing",
    isLong: true,
    faults: [{ name: "uartStalled", chain: 1 }],
    ...{ ...AGAIN, withinS: CENSUS_S, shown: [] },
  },
  {
    name: "a chain hashes and reports no nonce",
    isLong: true,
    faults: [{ name: "noNonces", chain: 1 }],
    ...{ ...AGAIN, withinS: 180, shown: [] },
    why: "four counts of 30 s without a nonce, as a weak chain may be unlucky",
  },
  {
    name: "one answer in twenty is damaged",
    isLong: true,
    faults: [{ name: "crcNoise", chain: 1, share: 0.05 }],
    ...{ ...GOES_ON, withinS: 35, shown: [] },
  },
  {
    name: "a chain no longer answers",
    isLong: true,
    faults: [{ name: "chainHung", chain: 1 }],
    ...{ ...AGAIN, withinS: CENSUS_S, shown: [] },
    why: "told as broken or silent: chips that found something since they were counted last count as there",
  },
  {
    name: "a chain breaks behind its 31st chip",
    faults: [{ name: "chainOpen", chain: 1, chip: 30 }],
    ...{ ...AGAIN, withinS: COUNTED_S, shown: ["CHAIN_BROKEN"] },
  },
  {
    name: "the tty of a chain goes away",
    faults: [{ name: "hangUp", chain: 1 }],
    ...{ ...AGAIN, withinS: 1, shown: ["LINK_HUNG_UP"], recovers: "byItself" },
    why: "its reset line is another wire",
  },
  {
    name: "one chip reports no nonce any more",
    faults: [{ name: "chipHung", chain: 1, chip: 12 }],
    ...{ ...GOES_ON, shown: [] },
    why: "told when the others have found twenty each",
  },
  {
    name: "a core dies",
    faults: [{ name: "coreDead", chain: 1, chip: 12, core: 5 }],
    ...{ ...GOES_ON, shown: [] },
  },
  {
    name: "one byte in 500 is damaged",
    isLong: true,
    faults: [{ name: "byteDamage", chain: 1, share: 0.002, direction: "both" }],
    ...{ ...GOES_ON, withinS: 35, shown: [] },
  },
  {
    name: "answers come a tenth of a second late",
    faults: [{ name: "lateAnswers", chain: 1, delayMs: 100 }],
    ...{ ...GOES_ON, shown: [] },
  },
];
