import { deepEqual, equal } from "node:assert/strict";
import { NONCE_VERDICTS } from "../../../src/hal/chain-port.js";
import {
  COMMAND_STATUS,
  readRecord,
  readTapChunk,
  RECORD_SIZE,
  TAP_CHUNK_SIZE,
} from "../../../src/hal/records.js";

/** Offsets of native/chain/record.hpp, written out by hand. */
const OFFSET = {
  ...{ kind: 0, code: 1, core: 2, extranonce2Size: 3, chip: 4, registerAddress: 6, jobKey: 8 },
  ...{ nonce: 12, version: 16, ntime: 20, value: 24, sessionKey: 28, atUs: 32 },
  ...{ extranonce2: 40, hashLe: 72, end: 104 },
};

describe("records of the chain thread", () => {
  let bytes: Buffer;

  beforeEach(() => {
    // Two records, so that a wrong offset reads the other one.
    bytes = Buffer.alloc(2 * RECORD_SIZE, 0xee);
  });

  function record(kind: number): Buffer {
    const place = bytes.subarray(RECORD_SIZE).fill(0);
    place.writeUInt8(kind, OFFSET.kind);
    return place;
  }

  function read(): ReturnType<typeof readRecord> {
    return readRecord(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), RECORD_SIZE);
  }

  it("are as long as in C++", () => {
    equal(RECORD_SIZE, OFFSET.end);
    equal(TAP_CHUNK_SIZE, 128);
  });

  it("give a nonce with all of its work", () => {
    const place = record(1);
    place.writeUInt8(NONCE_VERDICTS.indexOf("belowTarget"), OFFSET.code);
    place.writeUInt8(111, OFFSET.core);
    place.writeUInt8(4, OFFSET.extranonce2Size);
    place.writeUInt16LE(300, OFFSET.chip);
    place.writeUInt32LE(0xfeed_0001, OFFSET.jobKey);
    place.writeUInt32LE(0xfeed_0002, OFFSET.nonce);
    place.writeUInt32LE(0xfeed_0003, OFFSET.version);
    place.writeUInt32LE(0xfeed_0004, OFFSET.ntime);
    place.writeUInt32LE(0xfeed_0005, OFFSET.sessionKey);
    place.writeUInt32LE(0xfeed_0006, OFFSET.value);
    place.writeBigUInt64LE(0x1_0000_0007n, OFFSET.atUs);
    place.set([1, 2, 3, 4, 5], OFFSET.extranonce2);
    place.fill(0xab, OFFSET.hashLe);
    deepEqual(read(), {
      is: "nonce",
      nonce: {
        ...{ verdict: "belowTarget", core: 111, chipIndex: 300, jobKey: 0xfeed_0001 },
        ...{ nonce: 0xfeed_0002, version: 0xfeed_0003, ntime: 0xfeed_0004 },
        ...{ poolKey: 0xfeed_0006, sessionKey: 0xfeed_0005, atUs: 0x1_0000_0007 },
        extranonce2: Uint8Array.of(1, 2, 3, 4),
        hashLe: new Uint8Array(32).fill(0xab),
      },
    });
  });

  it("keep a nonce's bytes when the buffer is used again", () => {
    const place = record(1);
    place.writeUInt8(2, OFFSET.extranonce2Size);
    place.set([7, 8], OFFSET.extranonce2);
    const first = read();
    bytes.fill(0);
    deepEqual(first?.is === "nonce" && first.nonce.extranonce2, Uint8Array.of(7, 8));
  });

  it("name every verdict in its order, and take an unknown one for a hardware error", () => {
    const verdicts = [...NONCE_VERDICTS, "hardwareError"].map((_, code) => {
      record(1).writeUInt8(code, OFFSET.code);
      const found = read();
      return found?.is === "nonce" ? found.nonce.verdict : undefined;
    });
    deepEqual(verdicts, [
      ...["share", "belowTarget", "duplicate", "unknownWork", "stale", "hardwareError"],
      "hardwareError",
    ]);
  });

  it("give the answer of a register", () => {
    const place = record(2);
    place.writeUInt16LE(0x94, OFFSET.chip);
    place.writeUInt16LE(0x14, OFFSET.registerAddress);
    place.writeUInt32LE(0x9366_0000, OFFSET.value);
    place.writeBigUInt64LE(12_345n, OFFSET.atUs);
    deepEqual(read(), {
      is: "registerAnswer",
      answer: { chipAddress: 0x94, register: 0x14, value: 0x9366_0000, atUs: 12_345 },
    });
  });

  it("tell how a command ended, by its token", () => {
    const ends = [...COMMAND_STATUS, "more"].map((_, code) => {
      const place = record(3);
      place.writeUInt8(code, OFFSET.code);
      place.writeUInt32LE(0xffff_fffe, OFFSET.jobKey);
      return read();
    });
    const names = ["done", "linkDown", "writeStalled", "baudRefused", "resetFailed", "dropped"];
    deepEqual(
      ends,
      [...names, "dropped"].map((status) => ({ is: "commandDone", token: 0xffff_fffe, status })),
    );
  });

  it("tell of the line and of the dead man", () => {
    const kinds = [4, 5, 6].map((kind) => {
      record(kind);
      return read()?.is;
    });
    deepEqual(kinds, ["linkDown", "linkUp", "deadMan"]);
  });

  it("are passed over when their kind is not known", () => {
    for (const kind of [0, 7, 255]) {
      record(kind);
      equal(read(), undefined);
    }
  });

  it("give a piece of the wire", () => {
    const chunks = Buffer.alloc(2 * TAP_CHUNK_SIZE, 0xee);
    const place = chunks.subarray(TAP_CHUNK_SIZE);
    place.writeBigUInt64LE(99n, 0);
    place.writeUInt8(1, 8);
    place.writeUInt8(3, 9);
    place.set([0xaa, 0x55, 0x13], 10);
    const view = new DataView(chunks.buffer, chunks.byteOffset, chunks.length);
    deepEqual(readTapChunk(view, TAP_CHUNK_SIZE), {
      ...{ atUs: 99, fromChips: true, bytes: Uint8Array.of(0xaa, 0x55, 0x13) },
    });
  });
});
