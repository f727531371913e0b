import { deepEqual, equal } from "node:assert/strict";
import { CHIP_MODELS, type ChipModel } from "../../../src/hal/chain-port.js";
import { formatRecord } from "../../../src/wire/decode.js";
import {
  type JobCase,
  type RegisterWriteCase,
  type ResponseCase,
  type StreamCase,
  vectorCase,
  vectorCases,
} from "../codec/vectors.js";
import { captureText, decodeText, type Line, setAddressFrame, writeFrame } from "./captures.js";

function isDriven(chip: string): chip is ChipModel {
  return CHIP_MODELS.some((model) => model === chip);
}

/** Every frame that a bring-up sequence spells out, loops included. */
function framesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(framesOf);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === "frame" && typeof inner === "string" ? [inner] : framesOf(inner),
  );
}

describe("wire decode", () => {
  it("names every command of the captures", async () => {
    const cases = vectorCases<{ id: string; frame: string }>("commands");
    const records = await decodeText(captureText(cases.map(({ frame }) => [">", frame])));
    equal(records.length, cases.length);
    for (const [index, { id, frame }] of cases.entries()) {
      const record = records[index];
      equal(record?.["frame"], frame);
      equal(record["crcOk"], true);
      const kind = id.startsWith("read")
        ? "readRegister"
        : id.startsWith("inactive")
          ? "chainInactive"
          : "setAddress";
      equal(record["kind"], kind, id);
    }
  });

  it("gives the fields of every register write", async () => {
    const cases = vectorCases<RegisterWriteCase>("register_writes");
    const records = await decodeText(captureText(cases.map(({ frame }) => [">", frame])));
    for (const [index, { frame, scope, address, register, value }] of cases.entries())
      deepEqual(records[index], {
        t: index / 1000,
        dir: ">",
        frame,
        crcOk: true,
        kind: "writeRegister",
        broadcast: scope === "broadcast",
        address,
        register: Number(register),
        value,
      });
  });

  it("gives the fields of every job", async () => {
    const cases = vectorCases<JobCase>("jobs_full_header");
    const records = await decodeText(captureText(cases.map(({ frame }) => [">", frame])));
    for (const [index, { frame, fields }] of cases.entries())
      deepEqual(records[index], {
        t: index / 1000,
        dir: ">",
        frame,
        crcOk: true,
        kind: "job",
        broadcast: false,
        jobByte: fields.job_id_byte,
        lengthByte: fields.length_byte,
        version: fields.version,
        prevhash: fields.prev_hash_header_bytes,
        merkleRoot: fields.merkle_root_header_bytes,
        ntime: fields.ntime,
        nbits: fields.nbits,
      });
  });

  for (const { id, frame, kind, chip, decoded } of vectorCases<ResponseCase>("responses"))
    if (isDriven(chip))
      it(`gives the fields of answer ${id}`, async () => {
        const [record, ...rest] = await decodeText(captureText([["<", frame]], chip), chip);
        equal(rest.length, 0);
        equal(record?.["kind"], kind);
        if (kind === "register")
          deepEqual(
            [record["value"], record["address"], record["register"]],
            [decoded.value, decoded.chip_address, Number(decoded.register)],
          );
        else
          deepEqual(
            [record["nonceHex"], record["jobByte"], record["core"], record["versionField"]],
            [decoded.nonce_wire, decoded.job_id_byte, decoded.core, Number(decoded.version_field)],
          );
      });

  for (const sequence of vectorCases<{ id: string; chip: string; steps: unknown }>(
    "init_sequences",
  ))
    if (isDriven(sequence.chip))
      it(`explains every frame of bring-up ${sequence.id}`, async () => {
        const frames = framesOf(sequence.steps);
        const records = await decodeText(captureText(frames.map((frame) => [">", frame])));
        deepEqual(
          records.map(({ frame }) => frame),
          frames,
        );
        equal(
          records.every(({ crcOk }) => crcOk),
          true,
        );
      });

  for (const vector of vectorCases<StreamCase>("streams"))
    it(`explains every byte of stream ${vector.id}`, async () => {
      const text = captureText([["<", vector.bytes]]);
      const records = await decodeText(text, "BM1368", vector.frame_length);
      deepEqual(
        records.filter(({ crcOk }) => crcOk).map(({ frame }) => frame),
        vector.expected_frames,
      );
      equal(records.map(({ frame }) => frame).join(""), vector.bytes);
      // With unsure length nothing is lost but the frame of the other length is found too.
      const unsure = await decodeText(text, "BM1368");
      const found = unsure.filter(({ crcOk }) => crcOk).map(({ frame }) => String(frame));
      const nineInEleven = vector.id === "mixed-9-in-11" ? ["aa5513700000000006"] : [];
      deepEqual(found, [...nineInEleven, ...vector.expected_frames]);
    });

  it("finds the true frames of a real stream whose driver had lost them", async () => {
    const { bytes } = vectorCase("streams", "bm1368-issue-268") as StreamCase;
    const records = await decodeText(captureText([["<", bytes]]), "BM1368");
    deepEqual(
      records.map(({ kind, frame, reason }) => [kind, frame, reason]),
      [
        ["garbage", "53045e1b2e8f", "noise"],
        ["nonce", "aa556c0075ca00460cd686", undefined],
        ["nonce", "aa559201d266020c28209d", undefined],
        ["garbage", "aa557a02ee", "incomplete"],
      ],
    );
  });

  it("joins a frame over bursts and gives it the time of its last byte", async () => {
    const lines: Line[] = [
      [">", "55aa5205"],
      ["<", "aa5513700000"],
      [">", "00000a"],
      ["<", "0000000010"],
    ];
    const records = await decodeText(captureText(lines));
    deepEqual(
      records.map(({ t, kind }) => [t, kind]),
      [
        [0.002, "readRegister"],
        [0.003, "register"],
      ],
    );
  });

  it("names the chip of a nonce by nonce offsets, by addresses, or not at all", async () => {
    const nonce = "aa554c0352750cd205a29c";
    const addressOf = async (lines: readonly Line[], chip: ChipModel): Promise<unknown> =>
      (await decodeText(captureText([...lines, ["<", nonce]], chip), chip)).at(-1)?.["chipAddress"];
    const addresses: Line[] = [0, 2, 4].map((address) => [">", setAddressFrame(address)]);
    // Bits 24:17 of 4c035275 are 1, bits 24:9 are 0x01a9.
    equal(await addressOf([], "BM1370"), null);
    equal(await addressOf([], "BM1366"), 1);
    equal(await addressOf(addresses, "BM1370"), 0);
    const offsets: Line[] = [
      [">", writeFrame(0x0c, 0x80000000, 0)],
      [">", writeFrame(0x0c, 0x800001a9, 2)],
      [">", writeFrame(0x0c, 0x800001aa, 4)],
    ];
    equal(await addressOf([...addresses, ...offsets], "BM1370"), 2);
    equal(await addressOf([...addresses, ...offsets, [">", "55aa5305000003"]], "BM1370"), null);
  });

  it("has a line for readers", async () => {
    const records = await decodeText(
      captureText([
        [">", "55aa510900281130020003"],
        ["<", "ff"],
      ]),
    );
    deepEqual(records.map(formatRecord), [
      "0.000000 > writeRegister broadcast=true address=0x00 register=0x28 value=0x11300200 " +
        "[55aa510900281130020003]",
      "0.001000 < garbage       reason=noise [ff]",
    ]);
  });
});
