import * as z from "zod/mini";
import { MinerError } from "../../../lib/errors.js";
import type { ChainSnapshot, Snapshot } from "../../../telemetry/snapshot.js";
import { OrNull, Rates, Reading, TroubleOrNull, Troubles, Whole } from "../fields.js";
import { route, type Route } from "../route.js";

const Slot = z.strictObject({ slot: Whole });

const Status = z.object({
  version: z.string(),
  machine: z.string(),
  state: z.string(),
  order: z.string(),
  sinceS: z.number(),
  uptimeS: z.number(),
  hashrate: Rates,
  nominalThs: z.number(),
  powerW: Reading,
  efficiencyJPerTh: Reading,
  hottestC: OrNull,
  fanDutyPct: OrNull,
  pool: z.object({
    name: z.string(),
    state: z.string(),
    accepted: z.number(),
    rejected: z.number(),
    stale: z.number(),
  }),
  troubles: Troubles,
});

const Temperature = z.looseObject({
  slot: z.int(),
  place: z.string(),
  isDie: z.boolean(),
  tempC: OrNull,
  ageS: OrNull,
});

const Board = z.object({
  slot: z.int(),
  state: z.string(),
  expectedChips: z.int(),
  chips: z.int(),
  freqMHz: z.number(),
  nominalThs: z.number(),
  hashrate: Rates,
  hardwareErrors: z.int(),
  error: TroubleOrNull,
  /** What its memory holds; null where it has none. */
  serial: z.nullable(z.string()),
  boardName: z.nullable(z.string()),
  temperatures: z.array(Temperature),
});

const Chip = z.object({
  chip: z.int(),
  ths15m: OrNull,
  uncertaintyThs15m: OrNull,
  nonces: z.int(),
  hardwareErrors: z.int(),
});

const Fan = z.looseObject({
  fan: z.int(),
  rpm: OrNull,
  ageS: OrNull,
  isGood: z.boolean(),
  error: TroubleOrNull,
});

const LOOKS = { needs: "read", sharedFor: "second" } as const;

/** What the machine is and does: renderings of the second's snapshot. */
export const MACHINE_ROUTES: readonly Route[] = [
  route({
    ...{ method: "get", path: "/status", ...LOOKS, publicPart: "status", reply: Status },
    summary: "The machine in short",
    handle: ({ history }) => statusOf(history.latest),
  }),
  route({
    ...{ method: "get", path: "/miner", ...LOOKS },
    summary: "The whole snapshot, as `headframe status --json` has it",
    reply: z.looseObject({ state: z.looseObject({ is: z.string() }), hashrate: Rates }),
    handle: ({ history }) => history.latest,
  }),
  route({
    ...{ method: "get", path: "/boards", ...LOOKS },
    summary: "The hashboards",
    reply: z.object({ boards: z.array(Board) }),
    handle: ({ history: { latest } }) => ({
      boards: latest.chains.map((chain) => boardOf(latest, chain)),
    }),
  }),
  route({
    ...{ method: "get", path: "/boards/{slot}", ...LOOKS, pathParams: Slot, reply: Board },
    summary: "One hashboard",
    errors: ["HTTP_NOT_FOUND"],
    handle: ({ history: { latest } }, { path }) => boardOf(latest, chainAt(latest, path.slot)),
  }),
  route({
    ...{ method: "get", path: "/boards/{slot}/chips", ...LOOKS, pathParams: Slot },
    summary: "The chips of a hashboard",
    reply: z.object({ slot: z.int(), chips: z.array(Chip) }),
    errors: ["HTTP_NOT_FOUND"],
    handle: ({ history: { latest } }, { path }) => chipsOf(chainAt(latest, path.slot)),
  }),
  route({
    ...{ method: "get", path: "/psu", ...LOOKS },
    summary: "The power supply, its output and the power drawn",
    reply: z.object({
      supply: z.nullable(z.looseObject({ name: z.string() })),
      rail: z.nullable(z.object({ isOn: z.boolean(), setpointMv: Reading, outputMv: Reading })),
      powerW: Reading,
      efficiencyJPerTh: Reading,
    }),
    handle: ({ history: { latest } }) => {
      const { supply, rail, powerW, efficiencyJPerTh } = latest;
      return { supply, rail, powerW, efficiencyJPerTh };
    },
  }),
  route({
    ...{ method: "get", path: "/fans", ...LOOKS },
    summary: "The fans, and what the cooling does",
    reply: z.object({
      dutyPct: OrNull,
      needed: z.int(),
      fans: z.array(Fan),
      cooling: z.looseObject({ mode: z.string(), reason: z.string() }),
    }),
    handle: ({ history: { latest } }) => ({ ...latest.fans, cooling: latest.cooling }),
  }),
];

function statusOf(snapshot: Snapshot): z.infer<typeof Status> {
  const { version, machine, state, hashrate, nominalThs, hottestC, troubles, pool } = snapshot;
  const { name, accepted, rejected, stale } = pool;
  return {
    ...{ version, machine, state: state.is, order: state.order, sinceS: state.sinceS },
    ...{ uptimeS: snapshot.process.uptimeS, hashrate, nominalThs, hottestC },
    ...{ powerW: snapshot.powerW, efficiencyJPerTh: snapshot.efficiencyJPerTh },
    fanDutyPct: snapshot.fans.dutyPct,
    pool: { name, state: pool.state, accepted, rejected, stale },
    troubles: [...troubles],
  };
}

function chainAt({ chains }: Snapshot, slot: number): ChainSnapshot {
  const chain = chains.find((each) => each.slot === slot);
  if (chain !== undefined) return chain;
  const expected = chains.map((each) => each.slot).join(", ");
  throw new MinerError("HTTP_NOT_FOUND", { slot, expected });
}

function boardOf({ boards, temperatures }: Snapshot, chain: ChainSnapshot): z.infer<typeof Board> {
  const { slot, state, expectedChips, chips, freqMHz, nominalThs, hashrate, error } = chain;
  const board = boards.find((each) => each.slot === slot);
  return {
    ...{ slot, state, expectedChips, chips, freqMHz, nominalThs, hashrate },
    hardwareErrors: chain.counters.nonces.hardwareError,
    error: error ?? board?.error ?? null,
    ...{ serial: board?.serial ?? null, boardName: board?.boardName ?? null },
    temperatures: temperatures.filter((each) => each.slot === slot).map((each) => ({ ...each })),
  };
}

function chipsOf({ slot, chipNonces, chipHardwareErrors, chipHashrate15m }: ChainSnapshot): object {
  return {
    slot,
    chips: chipNonces.map((nonces, chip) => ({
      ...{ chip, ths15m: chipHashrate15m.ths[chip] ?? null },
      uncertaintyThs15m: chipHashrate15m.uncertaintyThs[chip] ?? null,
      ...{ nonces, hardwareErrors: chipHardwareErrors[chip] ?? 0 },
    })),
  };
}
