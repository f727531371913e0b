import { deepEqual, equal, throws } from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import type { WireFrame } from "../../../src/hal/native-wire.js";
import { loadAddon } from "../../../src/hal/native.js";
import { toHex } from "../../../src/lib/bytes.js";
import {
  bytesOfHex,
  type JobCase,
  type NonceCase,
  type RegisterWriteCase,
  type ResponseCase,
  type StreamCase,
  vectorCases,
  vectorFile,
} from "./vectors.js";

const FULL_HEADER_CHIPS = new Set(["BM1362", "BM1366", "BM1368", "BM1370"]);

const addon = loadAddon();

/** All frames of a host's bytes, garbage included. */
function hostFrames(hex: string): WireFrame[] {
  const decoder = new addon.WireDecoder("BM1370", 0);
  return [...decoder.hostBytes(bytesOfHex(hex), 0), ...decoder.end()];
}

function theOnly<Item>(items: readonly Item[]): Item {
  equal(items.length, 1);
  return items[0] as Item;
}

describe("CRCs of the native codec", () => {
  interface Crc5Case {
    readonly id: string;
    readonly data: string;
    readonly bits: number;
    readonly crc5: number;
  }
  for (const { id, data, bits, crc5 } of vectorCases<Crc5Case>("crc5"))
    it(`gives CRC5 of ${id}`, () => {
      equal(addon.crc5(bytesOfHex(data), bits), crc5);
    });

  for (const { id, data, crc16 } of vectorCases<{ id: string; data: string; crc16: string }>(
    "crc16",
  ))
    it(`gives CRC16 of ${id}`, () => {
      equal(addon.crc16(bytesOfHex(data)), Number(crc16));
    });

  interface NegativeCase {
    readonly id: string;
    readonly frame: string;
    readonly kind: "command" | "response";
    readonly why: string;
  }
  const { negative_cases: negativeCases } = vectorFile("crc5") as {
    readonly negative_cases: readonly NegativeCase[];
  };
  for (const { id, frame, kind, why } of negativeCases)
    it(`reports ${id} as garbage: ${why}`, () => {
      const decoder = new addon.WireDecoder("BM1370", 0);
      const bytes = bytesOfHex(frame);
      const frames = kind === "command" ? decoder.hostBytes(bytes, 0) : decoder.chipBytes(bytes, 0);
      const garbage = theOnly([...frames, ...decoder.end()]);
      deepEqual([garbage.kind, garbage.crcOk, garbage.frame], ["garbage", false, frame]);
      equal(garbage.kind === "garbage" && garbage.reason, "damaged");
      equal(decoder.counters().crcErrors, 1);
      equal(decoder.counters().garbageBytes, bytes.length);
    });
});

describe("host frames of the native codec", () => {
  for (const { id, frame } of vectorCases<{ id: string; frame: string }>("commands"))
    it(`decodes and encodes ${id}`, () => {
      const decoded = theOnly(hostFrames(frame));
      const isCommand =
        decoded.kind === "chainInactive" ||
        decoded.kind === "setAddress" ||
        decoded.kind === "readRegister";
      equal(isCommand && toHex(addon.encodeCommand(decoded)), frame);
    });

  for (const vector of vectorCases<RegisterWriteCase>("register_writes"))
    it(`decodes and encodes ${vector.id}`, () => {
      const fields = {
        kind: "writeRegister",
        broadcast: vector.scope === "broadcast",
        address: vector.address,
        register: Number(vector.register),
        value: Number(vector.value),
      } as const;
      equal(toHex(addon.encodeCommand(fields)), vector.frame);
      deepEqual(theOnly(hostFrames(vector.frame)), {
        t: 0,
        dir: ">",
        frame: vector.frame,
        crcOk: true,
        ...fields,
      });
    });

  for (const { id, frame, fields } of vectorCases<JobCase>("jobs_full_header"))
    it(`decodes and encodes job ${id}`, () => {
      const job = {
        jobByte: fields.job_id_byte,
        version: Number(fields.version),
        prevhash: fields.prev_hash_header_bytes,
        merkleRoot: fields.merkle_root_header_bytes,
        ntime: Number(fields.ntime),
        nbits: Number(fields.nbits),
      };
      deepEqual(theOnly(hostFrames(frame)), {
        t: 0,
        dir: ">",
        frame,
        crcOk: true,
        kind: "job",
        broadcast: false,
        lengthByte: fields.length_byte,
        ...job,
      });
      const hashes = {
        prevhash: bytesOfHex(job.prevhash),
        merkleRoot: bytesOfHex(job.merkleRoot),
      };
      equal(toHex(addon.encodeJob({ ...job, ...hashes }, fields.length_byte)), frame);
    });

  it("refuses fields that do not fit", () => {
    throws(
      () => addon.encodeCommand({ kind: "setAddress", broadcast: false, address: 256 }),
      /address: expected a byte, got 256/,
    );
    throws(
      () =>
        addon.encodeCommand({
          kind: "writeRegister",
          broadcast: true,
          address: 0,
          register: 8,
          value: 2 ** 32,
        }),
      /value: expected a whole number/,
    );
    throws(() => new addon.WireDecoder("BM1397", 0), /no full-header family BM1397/);
    throws(() => addon.crc5(new Uint8Array(1), 9), /more bits than bytes/);
  });
});

describe("answers through the native codec", () => {
  for (const vector of vectorCases<StreamCase>("streams"))
    it(`finds the frames of stream ${vector.id}, in one burst and byte by byte`, () => {
      for (const burstBytes of [4096, 1]) {
        const decoder = new addon.WireDecoder("BM1370", vector.frame_length);
        const bytes = bytesOfHex(vector.bytes);
        const frames: WireFrame[] = [];
        for (let at = 0; at < bytes.length; at += burstBytes)
          frames.push(...decoder.chipBytes(bytes.subarray(at, at + burstBytes), at));
        deepEqual(
          frames.filter(({ crcOk }) => crcOk).map(({ frame }) => frame),
          vector.expected_frames,
        );
        equal(decoder.counters().garbageBytes, vector.bytes_discarded);
        const waiting = decoder.end();
        deepEqual(
          waiting.map(({ frame }) => frame),
          vector.bytes_left_waiting === "" ? [] : [vector.bytes_left_waiting],
        );
        equal([...frames, ...waiting].map(({ frame }) => frame).join(""), vector.bytes);
      }
    });

  const responses = vectorCases<ResponseCase>("responses");
  for (const { id, chip, frame, length, kind, decoded } of responses.filter((vector) =>
    FULL_HEADER_CHIPS.has(vector.chip),
  ))
    it(`decodes ${id} with known and with unsure length`, () => {
      for (const responseLength of [length, 0] as const) {
        const decoder = new addon.WireDecoder(chip, responseLength);
        const found = theOnly([...decoder.chipBytes(bytesOfHex(frame), 0), ...decoder.end()]);
        equal(found.frame, frame);
        equal(found.kind, kind);
        if (found.kind === "register")
          deepEqual(
            [found.value, found.address, found.register],
            [Number(decoded.value), decoded.chip_address, Number(decoded.register)],
          );
        if (found.kind === "nonce")
          deepEqual(
            [found.nonceHex, found.excess, found.jobByte, found.subcore, found.core],
            [
              decoded.nonce_wire,
              decoded.excess_byte,
              decoded.job_id_byte,
              decoded.subcore,
              decoded.core,
            ],
          );
        if (found.kind === "nonce") equal(found.versionField, Number(decoded.version_field));
        if (found.kind === "nonce" && decoded.address_if_step2 !== undefined)
          equal(found.addressField & ~1, Number(decoded.address_if_step2));
      }
    });
});

describe("SHA-256d of the native code", () => {
  const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();
  const sha256d = (bytes: Uint8Array): Buffer => sha256(sha256(bytes));
  const captured = vectorCases<NonceCase>("nonces_full_header").map(({ header80 }) =>
    bytesOfHex(header80),
  );

  it("equals Node's on captured and on random headers", () => {
    const random = Array.from({ length: 200 }, () => new Uint8Array(randomBytes(80)));
    for (const header of [...captured, ...random])
      equal(toHex(addon.hashHeader(header)), toHex(sha256d(header)), toHex(header));
  });

  for (const { name, lanes } of addon.hashImplementations())
    it(`equals Node's in ${lanes} lane(s) of ${name}`, () => {
      for (let round = 0; round < 50; ++round) {
        const headers = Array.from({ length: lanes }, () => new Uint8Array(randomBytes(80)));
        equal(
          toHex(addon.hashLanes(name, Buffer.concat(headers))),
          headers.map((header) => toHex(sha256d(header))).join(""),
        );
      }
    });
});
