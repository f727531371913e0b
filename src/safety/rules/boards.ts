import { ALL_WELL, CLEARS_AT_START, type SafetyRule } from "./rule.js";

/**
 * Controllers of the S17 generation open their converter without a heartbeat; after which time is not known, but it must
 * exceed the 10 s of the vendor's tools. Inferred: below that, and after three heartbeats.
 */
const CONTROLLER_SILENT_S = 8;

/** Documented: the census takes a chain down after four barren rounds of 30 s; this is for when it does not. */
const HUNG_S = 180;
/** Documented: stock S9 firmware stops after so long without work (C5). */
const NO_WORK_S = 120;
/** Discharge of the rail is 30 s at most (captured: stock S19 Pro log), and a batch of answers may be late. */
const OFF_S = 35;
const FRESH_NONCE_S = 2;

export const controllersAnswer: SafetyRule = {
  name: "controllers answer",
  code: "CONTROLLER_NO_ANSWER",
  limit: `${CONTROLLER_SILENT_S} s without an answer to a heartbeat, and three heartbeats in a row`,
  source: "below the 10 s heartbeat of the vendor's tools, after which a converter opens",
  evidence: "inferred",
  action: "isolate",
  clears: CLEARS_AT_START,
  moments: ["on"],
  check: ({ controllers, poweredSlots }) => {
    const silent = controllers.filter(
      ({ slot, answerAgeS, trouble }) =>
        trouble !== undefined && answerAgeS > CONTROLLER_SILENT_S && poweredSlots.includes(slot),
    );
    if (silent.length === 0) return ALL_WELL;
    return silent.map(({ slot, answerAgeS, trouble }) => {
      const ageS = Number.isFinite(answerAgeS) ? answerAgeS : null;
      const context = { slot, ageS, trouble: trouble?.code ?? null };
      return { slot, code: "CONTROLLER_NO_ANSWER", context };
    });
  },
};

export const chainsFind: SafetyRule = {
  name: "chains find nonces",
  code: "CHAIN_HUNG",
  limit: `${HUNG_S} s of work without a nonce`,
  source: "the weakest chip finds 40 nonces in 120 s at the stock ticket difficulty",
  evidence: "inferred",
  action: "isolate",
  clears: CLEARS_AT_START,
  moments: ["on"],
  check: ({ chains, poweredSlots }) => {
    const hung = chains.filter(
      ({ slot, isWorking, sinceS, nonceAgeS }) =>
        isWorking && Math.min(sinceS, nonceAgeS) > HUNG_S && poweredSlots.includes(slot),
    );
    if (hung.length === 0) return ALL_WELL;
    return hung.map(({ slot, sinceS, nonceAgeS }) => {
      const lastS = Number.isFinite(nonceAgeS) ? nonceAgeS : null;
      return { slot, code: "CHAIN_HUNG", context: { slot, workS: sinceS, nonceAgeS: lastS } };
    });
  },
};

export const chainsNotGivenUp: SafetyRule = {
  name: "chains not given up",
  code: "CHAIN_HUNG",
  limit: "16 failed bring-ups in a row; the error is that of the chain",
  source: "decided: an hour of retries",
  evidence: "inferred",
  action: "isolate",
  clears: CLEARS_AT_START,
  moments: ["on"],
  check: ({ chains, poweredSlots }) => {
    const given = chains.filter(
      ({ slot, givenUp }) => givenUp !== undefined && poweredSlots.includes(slot),
    );
    if (given.length === 0) return ALL_WELL;
    return given.map(({ slot, givenUp }) => ({
      ...{ slot, code: givenUp?.code ?? "CHAIN_HUNG" },
      context: { ...givenUp?.context, slot },
    }));
  },
};

export const powerHasWork: SafetyRule = {
  name: "power has work",
  code: "POWER_WITHOUT_WORK",
  limit: `${NO_WORK_S} s without work on any chain although it is ordered`,
  source: "stock S9 firmware stops then (C5); here the chains rest in reset and draw little",
  evidence: "documented",
  action: "warn",
  clears: "with work",
  moments: ["on"],
  check: ({ chains, railSinceS }) => {
    if (railSinceS <= NO_WORK_S || chains.length === 0) return ALL_WELL;
    const isIdle = chains.every(({ isWorking, sinceS }) => !isWorking && sinceS > NO_WORK_S);
    if (!isIdle || !chains.some(({ isWanted }) => isWanted)) return ALL_WELL;
    const idleS = Math.min(...chains.map(({ sinceS }) => sinceS));
    return [{ code: "POWER_WITHOUT_WORK", context: { idleS } }];
  },
};

export const hashHasPower: SafetyRule = {
  name: "hash has power",
  code: "HASH_WITHOUT_POWER",
  limit: `a nonce in the last ${FRESH_NONCE_S} s, ${OFF_S} s after the output was switched off`,
  source: "30 s of discharge in a stock S19 Pro log",
  evidence: "inferred",
  action: "cut",
  clears: "with resume, when no chip answers any more",
  moments: ["before", "off"],
  check: ({ chains, railSinceS }) => {
    if (railSinceS <= OFF_S) return ALL_WELL;
    const alive = chains.filter(({ nonceAgeS }) => nonceAgeS <= FRESH_NONCE_S);
    if (alive.length === 0) return ALL_WELL;
    return alive.map(({ slot }) => ({
      ...{ code: "HASH_WITHOUT_POWER", context: { slot, offS: railSinceS } },
    }));
  },
};
