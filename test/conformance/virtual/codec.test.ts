import { equal, ok } from "node:assert/strict";
import { toHex } from "../../../src/lib/bytes.js";
import {
  encodeNonceAnswer,
  encodeRegisterAnswer,
  type AnswerBytes,
} from "../../../src/virtual/codec/answer.js";
import { crc16, crc5 } from "../../../src/virtual/codec/crc.js";
import {
  decodeHostFrame,
  HostFrameParser,
  type HostFrame,
} from "../../../src/virtual/codec/host-frame.js";
import { bytes, cases, fields, number, text, vectorFile, type VectorCase } from "./vectors.js";

/** An answer taken apart by offsets and put together again by the codec. */
function reencoded(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const length = frame.length as AnswerBytes;
  if ((view.getUint8(length - 1) & 0x80) === 0) {
    const answer = {
      value: view.getUint32(2),
      chipAddress: view.getUint8(6),
      register: view.getUint8(7),
    };
    return encodeRegisterAnswer(length, answer);
  }
  return encodeNonceAnswer(length, {
    nonceMsbFirst: view.getUint32(2),
    excessByte: view.getUint8(6),
    idByte: view.getUint8(7),
    versionField: length === 11 ? view.getUint16(8) : 0,
  });
}

function jobOf(frame: string): Extract<HostFrame, { kind: "job" }>["job"] {
  const decoded = decodeHostFrame(bytes(frame));
  if (decoded?.kind !== "job") throw new Error("not a job");
  return decoded.job;
}

describe("virtual codec, checksums", () => {
  for (const test of cases("crc5")) {
    it(`gives the CRC-5 of ${test.id}`, () => {
      equal(crc5(bytes(text(test, "data")), number(test, "bits")), number(test, "crc5"));
    });
  }

  for (const test of vectorFile("crc5")["negative_cases"] as readonly VectorCase[]) {
    it(`refuses ${test.id}`, () => {
      const frame = bytes(text(test, "frame"));
      if (test["kind"] === "command") equal(decodeHostFrame(frame), undefined);
      else ok(toHex(reencoded(frame)) !== toHex(frame));
    });
  }

  for (const test of cases("crc16")) {
    it(`gives the CRC-16 of ${test.id}`, () => {
      equal(crc16(bytes(text(test, "data"))), number(test, "crc16"));
    });
  }
});

describe("virtual codec, frames from the host", () => {
  const kinds: readonly [pattern: RegExp, kind: HostFrame["kind"]][] = [
    [/^read/, "readRegister"],
    [/^set-address/, "setAddress"],
    [/^inactive/, "chainInactive"],
  ];
  for (const test of cases("commands")) {
    it(`decodes ${test.id}`, () => {
      const frame = bytes(text(test, "frame"));
      const decoded = decodeHostFrame(frame);
      equal(decoded?.kind, kinds.find(([pattern]) => pattern.test(test.id))?.[1]);
      if (decoded?.kind === "setAddress") equal(decoded.address, frame[4]);
      if (decoded?.kind !== "readRegister") return;
      equal(decoded.broadcast, frame[2] === 0x52);
      equal(decoded.address, frame[4]);
      equal(decoded.register, frame[5]);
    });
  }

  for (const test of cases("register_writes")) {
    it(`decodes ${test.id}`, () => {
      const decoded = decodeHostFrame(bytes(text(test, "frame")));
      if (decoded?.kind !== "writeRegister") throw new Error("not a register write");
      equal(decoded.broadcast, test["scope"] === "broadcast");
      equal(decoded.address, number(test, "address"));
      equal(decoded.register, number(test, "register"));
      equal(decoded.value, number(test, "value"));
    });
  }

  for (const test of cases("jobs_full_header")) {
    it(`rebuilds the header of ${test.id}`, () => {
      const expected = fields(test, "fields");
      const job = jobOf(text(test, "frame"));
      equal(job.jobByte, number(expected, "job_id_byte"));
      equal(job.version, number(expected, "version"));
      const header76 = [
        Buffer.from(Uint32Array.of(job.version).buffer).toString("hex"),
        expected["prev_hash_header_bytes"],
        expected["merkle_root_header_bytes"],
        Buffer.from(Uint32Array.of(number(expected, "ntime")).buffer).toString("hex"),
        Buffer.from(Uint32Array.of(number(expected, "nbits")).buffer).toString("hex"),
      ].join("");
      equal(toHex(job.header.subarray(0, 76)), header76);
    });
  }

  it("finds every frame of all vectors in one stream with noise between them", () => {
    const frames = ["commands", "register_writes", "jobs_full_header"]
      .flatMap((name) => cases(name))
      .map((test) => bytes(text(test, "frame")));
    const parser = new HostFrameParser();
    let found = 0;
    for (const frame of frames) {
      for (const byte of [0x00, 0x55, ...frame]) {
        if (parser.push(byte) !== undefined) found++;
      }
    }
    equal(found, frames.length);
    equal(parser.garbageBytes, 2 * frames.length);
  });
});

describe("virtual codec, answers", () => {
  for (const test of cases("nonces_full_header")) {
    it(`encodes the answer of ${test.id}, whose header is the job's`, () => {
      const decoded = fields(test, "decoded");
      const nonceMsbFirst = number(decoded, "nonce_msb_first");
      const versionField = number(decoded, "version_field");
      const frame = encodeNonceAnswer(11, {
        nonceMsbFirst,
        excessByte: number(decoded, "excess_byte"),
        idByte: number(decoded, "id_byte"),
        versionField,
      });
      equal(toHex(frame), text(test, "response_frame"));
      const job = jobOf(text(test, "job_frame"));
      const header = new Uint8Array(job.header);
      const view = new DataView(header.buffer);
      view.setUint32(0, job.version | (versionField << 13), true);
      view.setUint32(76, nonceMsbFirst);
      equal(toHex(header), text(test, "header80"));
    });
  }

  for (const test of cases("responses").filter(({ chip }) => chip !== "BM1387")) {
    it(`encodes ${test.id}`, () => {
      const decoded = fields(test, "decoded");
      const length = number(test, "length") as AnswerBytes;
      const frame =
        test["kind"] === "register"
          ? encodeRegisterAnswer(length, {
              value: number(decoded, "value"),
              chipAddress: number(decoded, "chip_address"),
              register: number(decoded, "register"),
            })
          : encodeNonceAnswer(length, {
              nonceMsbFirst: number(decoded, "nonce_msb_first"),
              excessByte: number(decoded, "excess_byte"),
              idByte: number(decoded, "id_byte"),
              versionField: Number(decoded["version_field"] ?? 0),
            });
      equal(toHex(frame), text(test, "frame"));
    });
  }

  for (const test of cases("streams")) {
    it(`would send the true frames of ${test.id}`, () => {
      for (const frame of test["expected_frames"] as readonly string[])
        equal(toHex(reencoded(bytes(frame))), frame);
    });
  }
});
