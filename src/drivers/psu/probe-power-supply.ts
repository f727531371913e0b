import { findSupplyType, loadSupplies } from "../../boards/load-supplies.js";
import type { PowerSupplySpec } from "../../boards/machine-spec.js";
import type { I2cTransfers } from "../../hal/i2c-bus.js";
import { hexNumber } from "../../lib/bytes.js";
import type { Clock } from "../../lib/clock.js";
import { isMinerError, MinerError } from "../../lib/errors.js";
import type { Logger } from "../../lib/logger.js";
import { openTps546 } from "../pmbus/tps546.js";
import type { PowerSupply } from "../power-supply.js";
import { openApwV1, readFirmwareV1 } from "./apw-v1.js";
import { openApwV2 } from "./apw-v2.js";
import { COMMAND } from "./commands.js";
import { openFixedSupply } from "./fixed-supply.js";
import { buildFrame, NOT_READY, PREAMBLE, UNCOUNTED_BYTES } from "./frame.js";
import { FrameLine, type FrameTiming, type FrameWay } from "./frame-line.js";
import { openSimpleSupply } from "./simple-supply.js";

export interface ProbeOptions {
  /** The supply's bus, or that of the hashboards for a regulator there. Undefined where there is none. */
  readonly bus: I2cTransfers | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** Those that the machine comes with. */
  readonly supplies: readonly PowerSupplySpec[];
  /** All that are described, to name a supply that the machine does not come with; those of boards/ by default. */
  readonly known?: readonly PowerSupplySpec[];
  /** Ends the probe; the supply that was found no longer heeds it. */
  readonly signal?: AbortSignal;
}

interface Probe extends Omit<ProbeOptions, "bus"> {
  readonly bus: I2cTransfers;
  readonly address: number;
}

/** Every source. */
const DEFAULT_ADDRESS = 0x10;
/** Reads F5 where the supply speaks frames. Captured: S19 Pro. */
const PROTOCOL_REGISTER = 0x00;
const PROTOCOL_TRIES = 3;
const PROTOCOL_RETRY_MS = 100;
const BUS_IDLE = 0xff;
/** Of this generation on, the factory tool talks to register 0x00. */
const FIRST_S21_TYPE = 0xc1;
/** For types whose data tells no times: the longest that any tool takes. Source: fact sheet power, 1.5. */
const LONGEST_TIMING: FrameTiming = { replyWaitMs: 500, afterMs: 300, tries: 4 };

/**
 * A supply whose last program died behind the preamble takes the next frame for the rest of it: its first byte stands
 * where the length does, and that many bytes are lost. That supplies wait for ever is inferred; asking for the type does
 * no harm.
 */
const [LONGEST_REST] = PREAMBLE;
const TRIES_TO_END_A_FRAME =
  1 + Math.ceil((LONGEST_REST + UNCOUNTED_BYTES) / buildFrame(1, COMMAND.type).length);

/**
 * Finds out which supply is fitted, in the order of the vendor's tools: register 0x00, type request of frame version 1,
 * of version 2, then a supply without frames. Nothing is written before the supply said that it speaks frames.
 * @throws PSU_NO_ANSWER; PSU_TYPE_UNKNOWN for a type that nothing describes; PSU_TYPE_UNEXPECTED for one that the
 *   machine does not come with; I2C_...
 */
export async function probePowerSupply(options: ProbeOptions): Promise<PowerSupply> {
  const { bus, supplies, clock, log, signal } = options;
  const regulator = supplies.find(({ protocol }) => protocol === "pmbus");
  const [fixed] = supplies;
  if (fixed !== undefined && supplies.every(({ protocol }) => protocol === "fixed"))
    return openFixedSupply(fixed);
  if (bus === undefined) throw noAnswer({ reason: "no supply bus" });
  if (regulator !== undefined)
    return openTps546({ bus, clock, log, supply: regulator, ...(signal && { signal }) });
  const address = supplies.find((each) => each.address !== undefined)?.address ?? DEFAULT_ADDRESS;
  const probe: Probe = { ...options, bus, address };
  const simple = supplies.find(({ protocol }) => protocol === "simple");
  if (!(await speaksFrames(probe, simple !== undefined)) && simple !== undefined)
    return openSimpleSupply({ bus, address, clock, supply: simple });
  return openFramed(probe);
}

/**
 * A supply without frames is only believed when each read says so: a byte that is left of an old reply looks the same,
 * and a byte written to the wrong kind of supply sets who knows what.
 */
async function speaksFrames(probe: Probe, mayBeSimple: boolean): Promise<boolean> {
  const { bus, address, clock, log, signal } = probe;
  let found: number | undefined;
  for (let attempt = 1; attempt <= PROTOCOL_TRIES; attempt += 1) {
    if (attempt > 1) await clock.sleep(PROTOCOL_RETRY_MS, signal);
    signal?.throwIfAborted();
    const byte = await readProtocol(bus, address);
    if (byte === NOT_READY) return true;
    if (byte !== undefined && byte !== BUS_IDLE) found = byte;
  }
  if (found === undefined) throw noAnswer({ address: hexNumber(address), reason: "idle" });
  log.debug({ found: hexNumber(found), mayBeSimple }, "supply does not say that it speaks frames");
  return !mayBeSimple;
}

async function readProtocol(bus: I2cTransfers, address: number): Promise<number | undefined> {
  try {
    const [byte] = await bus.readRegister(address, PROTOCOL_REGISTER, 1);
    return byte;
  } catch (error) {
    if (isMinerError(error, "I2C_NACK")) return undefined;
    throw error;
  }
}

async function openFramed(probe: Probe): Promise<PowerSupply> {
  const { log, signal } = probe;
  const { way, typeCode } = await askType(probe);
  const firmware = await firmwareFor(typeCode, way, probe);
  const found = findSupplyType(typeCode, firmware, probe.supplies);
  if (found === undefined) throw typeError(typeCode, firmware, probe);
  const { supply } = found;
  log.info({ supply: supply.name, type: hexNumber(typeCode), firmware }, "found power supply");
  const timing = timingOf([supply]);
  const options = { log, signal };
  if (supply.protocol === "apwV2") {
    const line = lineFor({ version: 2, register: 0x11 }, timing, probe);
    return openApwV2(line, found, options);
  }
  const { register } = way;
  return openApwV1(lineFor({ version: 1, register }, timing, probe), found, firmware, options);
}

interface TypeAnswer {
  readonly way: FrameWay;
  readonly typeCode: number;
}

async function askType(probe: Probe): Promise<TypeAnswer> {
  const { address, log, signal, supplies } = probe;
  const ways: FrameWay[] = [
    { version: 1, register: 0x11 },
    { version: 2, register: 0x11 },
  ];
  if (supplies.some(({ types }) => types?.some(({ code }) => code >= FIRST_S21_TYPE)))
    ways.push({ version: 1, register: 0x00 });
  let reason = "";
  // Once more with the first way for one that was left in the middle of a frame.
  for (const [at, way] of [...ways, ...ways.slice(0, 1)].entries()) {
    const isLast = at === ways.length;
    if (isLast && reason !== "refused") break;
    const protocol = way.version === 1 ? "apwV1" : "apwV2";
    const alike = supplies.filter((supply) => supply.protocol === protocol);
    const line = lineFor(way, timingOf(alike), probe);
    const tries = isLast ? { tries: TRIES_TO_END_A_FRAME } : {};
    const reply = await line.request({ command: COMMAND.type, replyBytes: [2], signal, ...tries });
    if (reply.ok) {
      if (way.register === 0x00)
        log.warn("supply answers at register 0x00: this way of talking to it is not proven");
      const [low = 0, high = 0] = reply.payload;
      return { way, typeCode: low | (high << 8) };
    }
    reason = reply.refusal;
  }
  throw noAnswer({ address: hexNumber(address), command: hexNumber(COMMAND.type), reason });
}

/**
 * Only asked where the meaning of the type depends on it: a round takes two seconds. Null from a supply that refuses to
 * tell; one whose answer was damaged is not known, as the wrong formula is a third of a volt off.
 */
async function firmwareFor(typeCode: number, way: FrameWay, probe: Probe): Promise<number | null> {
  const types = probe.supplies.flatMap((supply) => supply.types ?? []);
  if (!types.some(({ code, firmwareLow }) => code === typeCode && firmwareLow !== undefined))
    return null;
  const line = lineFor(way, timingOf(probe.supplies), probe);
  try {
    return await readFirmwareV1(line, probe.signal);
  } catch (error) {
    if (!isMinerError(error, "PSU_NO_ANSWER") || error.context["reason"] !== "refused") throw error;
    probe.log.warn({ error: error.message }, "firmware of the supply cannot be read");
    return null;
  }
}

function typeError(typeCode: number, firmware: number | null, probe: Probe): MinerError {
  const facts = { type: hexNumber(typeCode), firmware };
  // Only read where it is needed: all files together cost the program megabytes.
  const elsewhere = findSupplyType(typeCode, firmware, probe.known ?? loadSupplies());
  if (elsewhere === undefined) return new MinerError("PSU_TYPE_UNKNOWN", facts);
  const expected = probe.supplies.map(({ name }) => name).join(", ");
  return new MinerError("PSU_TYPE_UNEXPECTED", {
    ...facts,
    supply: elsewhere.supply.name,
    expected,
  });
}

function lineFor(way: FrameWay, timing: FrameTiming, probe: Probe): FrameLine {
  const { bus, address, clock, log } = probe;
  return new FrameLine({ bus, address, way, timing, clock, log });
}

/** Times that suit all of them. */
function timingOf(supplies: readonly PowerSupplySpec[]): FrameTiming {
  const longest = (name: keyof FrameTiming): number =>
    Math.max(
      ...(supplies.length === 0
        ? [LONGEST_TIMING[name]]
        : supplies.map(({ timing }) => timing?.[name] ?? LONGEST_TIMING[name])),
    );
  return {
    replyWaitMs: longest("replyWaitMs"),
    afterMs: longest("afterMs"),
    tries: longest("tries"),
  };
}

function noAnswer(facts: Readonly<Record<string, string>>): MinerError {
  return new MinerError("PSU_NO_ANSWER", facts);
}
