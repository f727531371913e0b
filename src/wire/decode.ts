import type { ChipModel } from "../hal/chain-port.js";
import type { NativeWireDecoder, WireFrame } from "../hal/native-wire.js";
import { hex32, hexNumber } from "../lib/bytes.js";
import type { Burst } from "./capture.js";
import { ChainMap } from "./chain-map.js";

/** Every frame of a capture and every byte between frames, in the order of their last bytes. */
export async function* decodeFrames(
  bursts: AsyncIterable<Burst>,
  decoder: NativeWireDecoder,
): AsyncGenerator<WireFrame> {
  for await (const { timeS, dir, bytes } of bursts)
    yield* dir === ">" ? decoder.hostBytes(bytes, timeS) : decoder.chipBytes(bytes, timeS);
  yield* decoder.end();
}

/** A frame as `wire decode --json` prints it. */
export type FrameRecord = Readonly<Record<string, string | number | boolean | null>>;

/** The records of a capture for `wire decode`. */
export async function* decodeRecords(
  bursts: AsyncIterable<Burst>,
  decoder: NativeWireDecoder,
  chip: ChipModel,
): AsyncGenerator<FrameRecord> {
  const chain = new ChainMap(chip);
  for await (const frame of decodeFrames(bursts, decoder)) {
    chain.observe(frame);
    yield frameRecord(frame, chain);
  }
}

function frameRecord(frame: WireFrame, chain: ChainMap): FrameRecord {
  const { t, dir, frame: hex, crcOk, kind } = frame;
  const common = { t, dir, frame: hex, crcOk, kind };
  switch (frame.kind) {
    case "setAddress":
    case "chainInactive":
      return { ...common, broadcast: frame.broadcast, address: frame.address };
    case "readRegister":
      return {
        ...common,
        broadcast: frame.broadcast,
        address: frame.address,
        register: frame.register,
      };
    case "writeRegister":
      return {
        ...common,
        broadcast: frame.broadcast,
        address: frame.address,
        register: frame.register,
        value: `0x${hex32(frame.value)}`,
      };
    case "job":
      return {
        ...common,
        broadcast: frame.broadcast,
        jobByte: frame.jobByte,
        lengthByte: frame.lengthByte,
        version: `0x${hex32(frame.version)}`,
        prevhash: frame.prevhash,
        merkleRoot: frame.merkleRoot,
        ntime: `0x${hex32(frame.ntime)}`,
        nbits: `0x${hex32(frame.nbits)}`,
      };
    case "register":
      return {
        ...common,
        address: frame.address,
        register: frame.register,
        value: `0x${hex32(frame.value)}`,
      };
    case "nonce":
      return {
        ...common,
        jobByte: frame.jobByte,
        subcore: frame.subcore,
        nonceHex: frame.nonceHex,
        core: frame.core,
        chipAddress: chain.chipAddressOf(frame),
        excess: frame.excess,
        versionField: frame.versionField,
      };
    case "garbage":
      return { ...common, reason: frame.reason };
  }
}

/** Fields that a reader knows better as hex. */
const HEX_FIELDS = new Set(["address", "register", "jobByte", "lengthByte", "chipAddress"]);
const COMMON_FIELDS = new Set(["t", "dir", "frame", "crcOk", "kind"]);

/** A record as a line for readers: time, direction, kind, fields, bytes. */
export function formatRecord(record: FrameRecord): string {
  const fields = Object.entries(record)
    .filter(([name, value]) => !COMMON_FIELDS.has(name) && value !== null)
    .map(([name, value]) => {
      const text = typeof value === "number" && HEX_FIELDS.has(name) ? hexNumber(value) : value;
      return `${name}=${String(text)}`;
    });
  const { t, dir, kind, frame } = record;
  return [Number(t).toFixed(6), dir, String(kind).padEnd(13), ...fields, `[${String(frame)}]`].join(
    " ",
  );
}
