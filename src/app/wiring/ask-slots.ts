import { DISCOVERY_SILENCE_MS, RESET_MS } from "../../asic/bring-up/build.js";
import { chipIdOf } from "../../asic/chain/chip-answers.js";
import { REGISTER } from "../../asic/registers.js";
import { RESET_BAUD } from "../../asic/uart.js";
import type { ChainPort } from "../../hal/chain-port.js";
import type { Clock } from "../../lib/clock.js";

/** Upper byte of the id of every chip of these families. Documented: BM1362, BM1366, BM1368, BM1370, BM1397. */
const CHIP_ID_PREFIX = 0x13;
/** Answers get lost on a noisy line; silence is believed after so many reads. */
const READS = 3;

export type ResetOf = Pick<ChainPort, "setReset">;
export type ListenerOf = Pick<ChainPort, "setBaud" | "setResponseLength" | "readRegister">;

export interface AskSlotsOptions {
  /** Each with those that leave reset at the same time, itself among them. */
  readonly slots: ReadonlyMap<number, readonly ResetOf[]>;
  /** By name; their lines are open. */
  readonly ttys: ReadonlyMap<string, ListenerOf>;
  /** Of one chain. */
  readonly chips: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Ttys on which chips answered, by slot. */
export type SlotAnswers = ReadonlyMap<number, readonly string[]>;

/**
 * Lets the chips of one slot out of reset at a time and asks for chip ids on every tty. The boards have their voltage,
 * all chains are in reset, and they are again when it ends well; after an error the caller puts them there.
 * Takes some two seconds a slot, four for a slot that is silent.
 * @throws what the ports throw; the reason of the signal
 */
export async function askSlots(options: AskSlotsOptions): Promise<SlotAnswers> {
  const { slots, ttys, clock, signal } = options;
  for (const port of ttys.values()) {
    // A chain that mined before left its line at another rate.
    await port.setBaud(RESET_BAUD);
    await port.setResponseLength(9);
  }
  const answers = new Map<number, readonly string[]>();
  for (const [slot, resets] of slots) {
    signal.throwIfAborted();
    await Promise.all(resets.map((reset) => reset.setReset(true)));
    await clock.sleep(RESET_MS, signal);
    await Promise.all(resets.map((reset) => reset.setReset(false)));
    await clock.sleep(RESET_MS, signal);
    answers.set(slot, await answeringTtys(options));
    await Promise.all(resets.map((reset) => reset.setReset(true)));
  }
  return answers;
}

async function answeringTtys({ ttys, chips, signal }: AskSlotsOptions): Promise<string[]> {
  for (let read = 1; ; ++read) {
    signal.throwIfAborted();
    const found = await Promise.all(
      [...ttys].map(async ([tty, port]) => ({ tty, isThere: await hasChips(port, chips) })),
    );
    const answering = found.filter(({ isThere }) => isThere).map(({ tty }) => tty);
    if (answering.length > 0 || read === READS) return answering;
  }
}

/** Chips of any family: a board of another machine tells where it hangs as well. */
async function hasChips(port: ListenerOf, chips: number): Promise<boolean> {
  const answers = await port.readRegister("all", REGISTER.chipId, DISCOVERY_SILENCE_MS, chips);
  return answers.some((answer) => chipIdOf(answer) >>> 8 === CHIP_ID_PREFIX);
}
