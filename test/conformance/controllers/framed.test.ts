import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { FramedController } from "../../../src/drivers/controller/framed-controller.js";
import {
  replyData,
  replyLength,
  requestFrame,
} from "../../../src/drivers/controller/framed-frames.js";
import { toHex } from "../../../src/lib/bytes.js";
import { ManualClock } from "../../../src/lib/clock.js";
import {
  answersOf,
  FakeController,
  finished,
} from "../../unit/drivers/controller/fake-controller.js";
import { bytesOfHex } from "../codec/vectors.js";
import { framesOf } from "./vectors.js";

const frames = framesOf("hashboard_pic_framed");
const frame = (id: string): string => {
  const hex = frames[id];
  ok(hex !== undefined, id);
  return hex;
};

/** Every request of the vectors: command and data. */
const REQUESTS = {
  reset_req: [0x07, []],
  jump_req: [0x06, []],
  version_req: [0x17, []],
  heartbeat_req: [0x16, []],
  sel_48: [0x3b, [0x48, 0x00]],
  rd_48: [0x3c, [0x48, 2]],
  sel_49: [0x3b, [0x49, 0x00]],
  rd_49: [0x3c, [0x49, 2]],
  dcdc_on: [0x15, [1]],
  an_voltage_req: [0x29, []],
  an3_req: [0x37, []],
  an6_req: [0x3a, []],
  clamp_req: [0x31, [0]],
} as const satisfies Record<string, readonly [number, readonly number[]]>;

/** Every reply of the vectors: the command it answers, and its data. */
const REPLIES = {
  reset_resp: [0x07, ""],
  jump_resp: [0x06, ""],
  version_resp: [0x17, "89"],
  sel_48_resp: [0x3b, ""],
  rd_48_resp: [0x3c, "1710"],
  rd_49_resp: [0x3c, "17b0"],
  dcdc_on_resp: [0x15, ""],
} as const satisfies Record<string, readonly [number, string]>;

describe("frames of the S19 Pro's board controller", () => {
  for (const [id, [command, data]] of Object.entries(REQUESTS))
    it(`makes ${id}`, () => {
      equal(toHex(requestFrame(command, data)), frame(id));
    });

  for (const [id, [command, data]] of Object.entries(REPLIES))
    it(`reads ${id}`, () => {
      const reply = bytesOfHex(frame(id));
      equal(replyLength(command, reply[0] ?? 0), reply.length);
      equal(toHex(replyData(command, reply) ?? Uint8Array.of(0xee)), data);
    });

  it("knows every vector", () => {
    deepEqual(
      Object.keys(frames).sort(),
      [...Object.keys(REQUESTS), ...Object.keys(REPLIES)].sort(),
    );
  });

  it("refuses a reply of which any byte is wrong", () => {
    for (const [id, [command]] of Object.entries(REPLIES)) {
      const reply = bytesOfHex(frame(id));
      for (let at = 0; at < reply.length; at++) {
        const wrong = new Uint8Array(reply);
        wrong[at] = (wrong[at] ?? 0) ^ 0x20;
        equal(replyData(command, wrong), undefined, `${id} byte ${at}`);
      }
    }
  });
});

/** The reply to a heartbeat: bytes that the engine has done reading. The vectors have the request only. */
function heartbeatReply(): string {
  const url = new URL("../../fixtures/power/s19pro_heartbeat_words.txt", import.meta.url);
  return [...readFileSync(url, "utf8").matchAll(/-> 0x824000(..)$/gm)]
    .map(([, hex]) => hex)
    .join("");
}

describe("the S19 Pro's board controller", () => {
  it("answers a heartbeat at length, unlike its other plain commands", () => {
    equal(heartbeatReply().toLowerCase(), "06160100001d");
    equal(toHex(replyData(0x16, bytesOfHex(heartbeatReply())) ?? new Uint8Array()), "00");
  });

  /** A controller that answers as the captured one did. */
  function captured(): { fake: FakeController; controller: FramedController; clock: ManualClock } {
    const clock = new ManualClock();
    const answers = answersOf({
      [frame("reset_req")]: frame("reset_resp"),
      [frame("jump_req")]: frame("jump_resp"),
      [frame("version_req")]: frame("version_resp"),
      [frame("heartbeat_req")]: heartbeatReply(),
      [frame("sel_48")]: frame("sel_48_resp"),
      [frame("rd_48")]: frame("rd_48_resp"),
      [frame("sel_49")]: frame("sel_48_resp"),
      [frame("rd_49")]: frame("rd_49_resp"),
      [frame("dcdc_on")]: frame("dcdc_on_resp"),
      "55aa051500001a": "1501",
    });
    const fake = new FakeController(0x20, answers, clock);
    return { fake, controller: new FramedController(fake, 0x20, clock), clock };
  }

  it("is started as captured: reset, start, version, with their waits", async () => {
    const { fake, controller, clock } = captured();
    equal(await finished(clock, controller.start()), 0x89);
    equal(fake.written, frame("reset_req") + frame("jump_req") + frame("version_req"));
    const [reset = 0, start = 0, version = 0] = fake.repliesAtMs;
    const sent = fake.requests.map(({ atMs }) => atMs);
    deepEqual(
      [reset - (sent[0] ?? 0), start - (sent[1] ?? 0), version - (sent[2] ?? 0)],
      [300, 300, 300],
    );
    deepEqual([(sent[1] ?? 0) - reset, (sent[2] ?? 0) - start], [500, 600]);
  });

  it("passes on the sensors' bytes within 10 ms", async () => {
    const { fake, controller, clock } = captured();
    deepEqual(
      await finished(clock, controller.sensors.readRegister(0x48, 0, 2)),
      bytesOfHex("1710"),
    );
    deepEqual(
      await finished(clock, controller.sensors.readRegister(0x49, 0, 2)),
      bytesOfHex("17b0"),
    );
    equal((fake.repliesAtMs[0] ?? 0) - (fake.requests[0]?.atMs ?? 0), 10);
  });

  it("takes a heartbeat and switches its converter on and off", async () => {
    const { fake, controller, clock } = captured();
    await finished(clock, controller.heartbeat());
    await finished(clock, controller.setConverter(true));
    await finished(clock, controller.setConverter(false));
    equal(fake.written, `${frame("heartbeat_req")}${frame("dcdc_on")}55aa051500001a`);
  });
});
