import { equal, ok, rejects } from "node:assert/strict";
import {
  type ControllerKind,
  findController,
} from "../../../../src/drivers/controller/find-controller.js";
import { requestFrame } from "../../../../src/drivers/controller/framed-frames.js";
import { toHex } from "../../../../src/lib/bytes.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { type Answers, answersOf, FakeController, finished } from "./fake-controller.js";

const RESET = toHex(requestFrame(0x07));
const START = toHex(requestFrame(0x06));
const VERSION = toHex(requestFrame(0x17));
const FRAMED = answersOf({ [RESET]: "0701", [START]: "0601", [VERSION]: "05178900a5" });

describe("finding the controller of a hashboard", () => {
  async function found(
    kind: ControllerKind,
    answers: Answers,
    { mayStart = true, nacks = 0 } = {},
  ): Promise<{ written: string; kind: string | undefined; version: number | undefined }> {
    const clock = new ManualClock();
    const bus = new FakeController(0x20, answers, clock);
    bus.nacks = nacks;
    const result = await finished(
      clock,
      findController({ kind, bus, address: 0x20, mayStart, clock }),
    );
    return { written: bus.written, kind: result?.controller.kind, version: result?.version };
  }

  it("asks nothing of a board that has none", async () => {
    const { written, kind } = await found("none", answersOf({}));
    equal(written, "");
    equal(kind, undefined);
  });

  it("starts one that must be there", async () => {
    const { written, kind, version } = await found("framed", FRAMED);
    equal(written, RESET + START + VERSION);
    equal(kind, "framed");
    equal(version, 0x89);
  });

  it("only asks a running one for its version", async () => {
    for (const kind of ["framed", "probe"] as const) {
      const { written, version } = await found(kind, FRAMED, { mayStart: false });
      equal(written.replaceAll(VERSION, ""), "");
      equal(version, 0x89);
    }
  });

  it("misses one that must be there", async () => {
    await rejects(found("framed", FRAMED, { nacks: Infinity }), { code: "CONTROLLER_NO_ANSWER" });
  });

  it("probes where a board may have one, before it starts it", async () => {
    const { written, version } = await found("probe", FRAMED);
    equal(written, VERSION + RESET + START + VERSION);
    equal(version, 0x89);
  });

  it("does not miss one where a board may have none", async () => {
    const { written, kind } = await found("probe", FRAMED, { nacks: Infinity });
    equal(written, "");
    equal(kind, undefined);
  });

  it("starts one that tells no version before it is started", async () => {
    let isStarted = false;
    const { version } = await found("probe", (request) => {
      if (request === START) isStarted = true;
      return request === VERSION && !isStarted ? "" : FRAMED(request);
    });
    equal(version, 0x89);
  });

  it("speaks the bare protocol with an S9", async () => {
    const clock = new ManualClock();
    const bus = new FakeController(0x55, answersOf({ "55aa17": "03" }), clock);
    const options = { kind: "s9", bus, address: 0x55, mayStart: false, clock } as const;
    const result = await finished(clock, findController(options));
    ok(result !== undefined);
    equal(result.controller.kind, "s9");
    equal(result.version, 3);
  });
});
