import type { NonceRecord, RegisterAnswer, WireBurst } from "./chain-port.js";
import { NONCE_VERDICTS } from "./chain-port.js";

/** Layout of native/chain/record.hpp. */
export const RECORD_SIZE = 104;
export const TAP_CHUNK_SIZE = 128;

const RECORD_KIND = {
  nonce: 1,
  registerAnswer: 2,
  commandDone: 3,
  linkDown: 4,
  linkUp: 5,
  deadMan: 6,
} as const;

/** How a command ended, in the order of CommandStatus in native/chain/record.hpp. */
export const COMMAND_STATUS = [
  "done",
  "linkDown",
  "writeStalled",
  "baudRefused",
  "resetFailed",
  "dropped",
] as const;
export type CommandStatus = (typeof COMMAND_STATUS)[number];

/** In the order that native/binding/chain_port.cpp writes them; the verdict counters follow. */
export const STAT_NAMES = [
  "jobsReceived",
  "worksSent",
  "bytesSent",
  "bytesReceived",
  "framesReceived",
  "crcErrors",
  "garbageBytes",
  "recordsDropped",
  "tapDropped",
  "uartOverruns",
  "uartFramingErrors",
  "hangUps",
  "writeStalls",
  "workStarved",
  "worstWorkGapUs",
  "isRealTime",
] as const;
export type StatName = (typeof STAT_NAMES)[number];

export type ChainRecord =
  | { readonly is: "nonce"; readonly nonce: NonceRecord }
  | { readonly is: "registerAnswer"; readonly answer: RegisterAnswer }
  | { readonly is: "commandDone"; readonly token: number; readonly status: CommandStatus }
  | { readonly is: "linkDown" | "linkUp" | "deadMan" };

/** Reads the record at `offset` of a drained buffer. Undefined for a kind that this program does not know. */
export function readRecord(view: DataView, offset: number): ChainRecord | undefined {
  const code = view.getUint8(offset + 1);
  const atUs = Number(view.getBigUint64(offset + 32, true));
  switch (view.getUint8(offset)) {
    case RECORD_KIND.nonce:
      return { is: "nonce", nonce: readNonce(view, offset, code, atUs) };
    case RECORD_KIND.registerAnswer:
      return {
        is: "registerAnswer",
        answer: {
          chipAddress: view.getUint16(offset + 4, true),
          register: view.getUint16(offset + 6, true),
          value: view.getUint32(offset + 24, true),
          atUs,
        },
      };
    case RECORD_KIND.commandDone:
      return {
        is: "commandDone",
        token: view.getUint32(offset + 8, true),
        status: COMMAND_STATUS[code] ?? "dropped",
      };
    case RECORD_KIND.linkDown:
      return { is: "linkDown" };
    case RECORD_KIND.linkUp:
      return { is: "linkUp" };
    case RECORD_KIND.deadMan:
      return { is: "deadMan" };
    default:
      return undefined;
  }
}

function readNonce(view: DataView, offset: number, code: number, atUs: number): NonceRecord {
  const extranonce2Size = view.getUint8(offset + 3);
  const start = view.byteOffset + offset;
  return {
    verdict: NONCE_VERDICTS[code] ?? "hardwareError",
    core: view.getUint8(offset + 2),
    chipIndex: view.getUint16(offset + 4, true),
    jobKey: view.getUint32(offset + 8, true),
    nonce: view.getUint32(offset + 12, true),
    version: view.getUint32(offset + 16, true),
    ntime: view.getUint32(offset + 20, true),
    poolKey: view.getUint32(offset + 24, true),
    sessionKey: view.getUint32(offset + 28, true),
    atUs,
    extranonce2: new Uint8Array(view.buffer.slice(start + 40, start + 40 + extranonce2Size)),
    hashLe: new Uint8Array(view.buffer.slice(start + 72, start + 104)),
  };
}

/** Reads the tap chunk at `offset` of a drained buffer. */
export function readTapChunk(view: DataView, offset: number): WireBurst {
  const start = view.byteOffset + offset + 10;
  return {
    atUs: Number(view.getBigUint64(offset, true)),
    fromChips: view.getUint8(offset + 8) !== 0,
    bytes: new Uint8Array(view.buffer.slice(start, start + view.getUint8(offset + 9))),
  };
}
