import { NO_EFFECTS, type ChainEffects, type FaultSpec, type WireDamage } from "./chain-effects.js";
import {
  describeTable,
  findInTable,
  type FaultParameters,
  type ParameterSpec,
} from "./fault-parameters.js";

const CHIP: ParameterSpec = {
  meaning: "Position on the chain, 0 is nearest the host.",
  minimum: 0,
  maximum: 255,
};
const CHIP_OR_ALL: ParameterSpec = {
  ...CHIP,
  meaning: "Position on the chain; -1 for all chips.",
  minimum: -1,
  fallback: -1,
};
const SHARE: ParameterSpec = { meaning: "Share, 0 to 1.", minimum: 0, maximum: 1, fallback: 0.01 };
const DIRECTION: ParameterSpec = {
  meaning: "Which wire is hit.",
  oneOf: ["toHost", "toChips", "both"],
  fallback: "toHost",
};

function numberOf(parameters: FaultParameters, name: string): number {
  return Number(parameters[name]);
}

function damage(
  before: ChainEffects,
  parameters: FaultParameters,
  part: keyof WireDamage,
): Partial<ChainEffects> {
  const share = numberOf(parameters, "share");
  const { direction } = parameters;
  return {
    ...(direction === "toHost" ? {} : { toChips: { ...before.toChips, [part]: share } }),
    ...(direction === "toChips" ? {} : { toHost: { ...before.toHost, [part]: share } }),
  };
}

/** Every fault by name. */
export const FAULTS: Readonly<Record<string, FaultSpec>> = {
  chipDead: {
    meaning: "One chip neither listens nor answers, but passes everything on.",
    parameters: { chip: CHIP },
    apply: (before, parameters) => ({
      deadChips: new Set([...before.deadChips, numberOf(parameters, "chip")]),
    }),
  },
  chipHung: {
    meaning: "One chip answers registers but no longer reports nonces.",
    parameters: { chip: CHIP },
    apply: (before, parameters) => ({
      hungChips: new Set([...before.hungChips, numberOf(parameters, "chip")]),
    }),
  },
  coreDead: {
    meaning: "One core of one chip finds nothing.",
    parameters: {
      chip: CHIP,
      core: { meaning: "Core number.", minimum: 0, maximum: 127 },
    },
    apply: (before, parameters) => {
      const chip = numberOf(parameters, "chip");
      const cores = new Set([...(before.deadCores.get(chip) ?? []), numberOf(parameters, "core")]);
      return { deadCores: new Map([...before.deadCores, [chip, cores]]) };
    },
  },
  chainOpen: {
    meaning:
      "The wires are broken behind one chip: nothing reaches the chips beyond, nothing returns.",
    parameters: { chip: CHIP },
    apply: (before, parameters) => ({
      cutOffFrom: Math.min(before.cutOffFrom, numberOf(parameters, "chip") + 1),
    }),
  },
  chipMissing: {
    meaning: "The chain is shorter than it should be: chips at its far end are not there.",
    parameters: {
      count: { meaning: "How many.", minimum: 1, maximum: 255, fallback: 1 },
    },
    apply: (_before, parameters) => ({ missingChips: numberOf(parameters, "count") }),
  },
  chainHung: {
    meaning: "No chip of the chain answers anything.",
    parameters: {},
    apply: () => ({ isHung: true }),
  },
  stuckBusy: {
    meaning: "The busy line is stuck behind one chip: the chips beyond listen but never speak.",
    parameters: { chip: CHIP },
    apply: (before, parameters) => ({
      mutedFrom: Math.min(before.mutedFrom, numberOf(parameters, "chip") + 1),
    }),
  },
  wrongChipId: {
    meaning: "Chips give the id word of another family.",
    parameters: {
      chip: CHIP_OR_ALL,
      idWord: {
        meaning: "Id word without the address byte.",
        minimum: 0,
        maximum: 0xffff_ffff,
        fallback: 0x1397_1800,
      },
    },
    apply: (before, parameters) => {
      const chip = numberOf(parameters, "chip");
      const idWord = (numberOf(parameters, "idWord") & ~0xff) >>> 0;
      if (chip < 0) return { allChipsIdWord: idWord };
      return { chipIdWords: new Map([...before.chipIdWords, [chip, idWord]]) };
    },
  },
  noVersionRolling: {
    meaning: "Chips do not roll the version: they search one version over and over.",
    parameters: {
      chip: CHIP_OR_ALL,
    },
    apply: (before, parameters) => {
      const chip = numberOf(parameters, "chip");
      const { fixedVersionChips } = before;
      return {
        fixedVersionChips:
          chip < 0 || fixedVersionChips === "all" ? "all" : new Set([...fixedVersionChips, chip]),
      };
    },
  },
  lateAnswers: {
    meaning: "Every answer waits before it is sent.",
    parameters: {
      delayMs: { meaning: "Milliseconds.", minimum: 0, maximum: 60_000, fallback: 200 },
    },
    apply: (_before, parameters) => ({ answerDelayMs: numberOf(parameters, "delayMs") }),
  },
  crcNoise: {
    meaning: "A share of the answers has one bit flipped.",
    parameters: { share: SHARE },
    apply: (_before, parameters) => ({ answerFlipShare: numberOf(parameters, "share") }),
  },
  byteLoss: {
    meaning: "A share of the bytes is lost.",
    parameters: { share: SHARE, direction: DIRECTION },
    apply: (before, parameters) => damage(before, parameters, "lossShare"),
  },
  extraBytes: {
    meaning: "A random byte is added after a share of the bytes.",
    parameters: { share: SHARE, direction: DIRECTION },
    apply: (before, parameters) => damage(before, parameters, "extraShare"),
  },
  byteDamage: {
    meaning: "A share of the bytes is changed.",
    parameters: { share: SHARE, direction: DIRECTION },
    apply: (before, parameters) => damage(before, parameters, "damageShare"),
  },
  noNonces: {
    meaning: "Chips answer registers and hash, and none reports a nonce.",
    parameters: {},
    apply: () => ({ isWithoutNonces: true }),
  },
  wrongNonces: {
    meaning: "A share of the nonces is wrong.",
    parameters: { share: { ...SHARE, fallback: 0.5 } },
    apply: (_before, parameters) => ({ wrongNonceShare: numberOf(parameters, "share") }),
  },
  domainShorted: {
    meaning: "A voltage domain is shorted: its chips are dead, and nothing passes them.",
    parameters: {
      domain: { meaning: "Number, 0 is nearest the host.", minimum: 0, maximum: 255, fallback: 0 },
    },
    apply: (before, parameters) => ({
      shortedDomains: new Set([...before.shortedDomains, numberOf(parameters, "domain")]),
    }),
  },
  domainOpen: {
    meaning: "A voltage domain is open: as all are in series, no chip of the board has power.",
    parameters: {},
    apply: () => ({ isDomainOpen: true }),
  },
  uartStalled: {
    meaning: "The serial line is open, and neither takes nor gives a byte.",
    parameters: {},
    apply: () => ({ isStalled: true }),
  },
  resetStuck: {
    meaning: "The reset line of the chain no longer moves.",
    parameters: {
      at: { meaning: "Where it stays.", oneOf: ["released", "pulled"], fallback: "released" },
    },
    apply: (_before, { at }) => ({ resetStuck: at === "pulled" }),
  },
  hangUp: {
    meaning: "The serial line goes away; it comes back when the fault is cleared.",
    parameters: {},
    apply: () => ({ isUnplugged: true }),
  },
};

/** What `list` says about every fault. */
export function describeFaults(): readonly object[] {
  return describeTable(FAULTS);
}

/** @throws MinerError VIRTUAL_FAULT_UNKNOWN */
export function findFault(name: string): FaultSpec {
  return findInTable(FAULTS, name);
}

/** What a chain suffers from all of its faults together. */
export function addUp(
  faults: Iterable<{ readonly name: string; readonly parameters: FaultParameters }>,
): ChainEffects {
  let effects = NO_EFFECTS;
  for (const { name, parameters } of faults)
    effects = { ...effects, ...findFault(name).apply(effects, parameters) };
  return effects;
}
