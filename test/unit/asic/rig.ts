import { BRING_UPS } from "../../../src/asic/bring-up/bring-ups.js";
import type { ChainSettings } from "../../../src/asic/bring-up/steps.js";
import { bringUpChain } from "../../../src/asic/chain/bring-up-chain.js";
import type { RunningChain } from "../../../src/asic/chain/running-chain.js";
import type { BringUpName } from "../../../src/boards/names.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { FakeChainPort, type FakeChainOptions, type FakeChip } from "./fake-chain-port.js";

const GEOMETRY = { chips: 12, domains: 4, chipsPerDomain: 3, addressStep: 2 };
const ID_WORD = 0x1366_0000;

export function chipsOf(count: number, idWord = ID_WORD): FakeChip[] {
  return Array.from({ length: count }, () => ({ idWord }));
}

export interface Rig {
  readonly port: FakeChainPort;
  readonly chain: RunningChain;
}

/** A chain of 12 BM1366 in four domains, brought up on a clock that runs by itself. */
export async function bringUp(
  options: FakeChainOptions,
  settings: Partial<ChainSettings> = {},
  name: BringUpName = "bm1366-s19kpro",
): Promise<Rig> {
  const port = new FakeChainPort(options);
  return { port, chain: await bringUpOn(port, settings, name) };
}

export async function bringUpOn(
  port: FakeChainPort,
  settings: Partial<ChainSettings> = {},
  name: BringUpName = "bm1366-s19kpro",
  signal?: AbortSignal,
): Promise<RunningChain> {
  const clock = new ManualClock();
  const result = bringUpChain({
    port,
    bringUp: BRING_UPS[name],
    geometry: GEOMETRY,
    settings: { freqMHz: 100, ticketDifficulty: 256, allowShortChain: false, ...settings },
    clock,
    restsInReset: true,
    log: { info: () => undefined, warn: () => undefined },
    ...(signal === undefined ? {} : { signal }),
  });
  const outcome = result.then(
    (chain) => ({ chain }),
    (error: unknown) => ({ error }),
  );
  // More than three attempts wait for; the fake port takes no time itself.
  for (let second = 0; second < 20; ++second) await clock.advance(1000);
  const settled = await outcome;
  if ("error" in settled) throw settled.error;
  return settled.chain;
}
