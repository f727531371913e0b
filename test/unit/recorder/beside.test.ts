import { deepEqual, equal, ok } from "node:assert/strict";
import { TypedEmitter } from "../../../src/lib/events.js";
import { ManualClock } from "../../../src/lib/clock.js";
import type { FlightEntry, FlightRecord } from "../../../src/recorder/flight-entry.js";
import { FlightRecorder } from "../../../src/recorder/flight-recorder.js";
import type { FrameSource } from "../../../src/recorder/frames-recorder.js";
import type { LinkListener } from "../../../src/pool/transport/link.js";

describe("what is recorded beside decisions", () => {
  let clock: ManualClock;
  let recorder: FlightRecorder;
  let records: FlightRecord[];

  beforeEach(() => {
    clock = new ManualClock();
    records = [];
    recorder = new FlightRecorder({
      ...{ machine: "s21", version: "1", session: "1", clock },
      sink: {
        append: (record) => {
          records.push(record);
        },
      },
      onTrouble: (error) => {
        throw error;
      },
    });
  });

  async function entries<Kind extends FlightEntry["kind"]>(
    kind: Kind,
  ): Promise<readonly Extract<FlightEntry, { kind: Kind }>[]> {
    await clock.advance(250);
    const all = records.flatMap((record) => record.entries);
    return all.filter((entry) => entry.kind === kind) as Extract<FlightEntry, { kind: Kind }>[];
  }

  it("are lines of pools, cut where they are long, however they come, and no password", async () => {
    let inner: LinkListener | undefined;
    const heard: string[] = [];
    const sent: string[] = [];
    const openLink = recorder.pool("main", (_endpoint, listener) => {
      inner = listener;
      return {
        security: "none",
        remote: undefined,
        write: (text) => sent.push(text) > 0,
        setReading: () => undefined,
        close: () => undefined,
      };
    });
    const link = openLink(
      { host: "pool", port: 3333 },
      {
        onOpen: () => undefined,
        onData: (chunk) => heard.push(Buffer.from(chunk).toString()),
        onClose: () => undefined,
      },
    );
    ok(link.write('{"id":2,"method":"mining.authorize","params":["me","secret"]}\n'));
    const long = `{"method":"mining.notify","params":["${"f".repeat(400)}"]}`;
    inner?.onData(Buffer.from(`${long}\n{"id":2,"res`));
    inner?.onData(Buffer.from('ult":true}\n'));
    deepEqual(
      (await entries("pool")).map(({ direction, text, length }) => [direction, text, length]),
      [
        [">", "mining.authorize", 61],
        ["<", long.slice(0, 200), long.length],
        ["<", '{"id":2,"result":true}', 22],
      ],
    );
    equal(sent.length, 1);
    equal(heard.join(""), `${long}\n{"id":2,"result":true}\n`);
  });

  it("are no more lines of a flood than the ring can bear", async () => {
    let inner: LinkListener | undefined;
    recorder.pool("main", (_endpoint, listener) => {
      inner = listener;
      return {
        security: "none",
        remote: undefined,
        write: () => true,
        setReading: () => undefined,
        close: () => undefined,
      };
    })(
      { host: "pool", port: 3333 },
      { onOpen: () => undefined, onData: () => undefined, onClose: () => undefined },
    );
    inner?.onData(Buffer.from("{}\n".repeat(500)));
    await clock.advance(1000);
    inner?.onData(Buffer.from("{}\n"));
    const kept = await entries("pool");
    equal(kept.length, 41);
    equal(kept.at(-1)?.missed, 460);
  });

  it("are frames of a chain as counts of each second in which there were some", async () => {
    let framesReceived = 0;
    const counters = (): ReturnType<FrameSource["counters"]> =>
      ({ framesReceived, nonces: { share: framesReceived } }) as never;
    const port: FrameSource = { counters, events: new TypedEmitter() };
    const end = recorder.frames(2, port);
    for (const more of [0, 7, 0, 3]) {
      framesReceived += more;
      await clock.advance(1000);
    }
    end();
    framesReceived += 100;
    await clock.advance(5000);
    deepEqual(
      (await entries("frames")).map(({ slot, counts }) => [slot, counts["framesReceived"]]),
      [
        [2, 7],
        [2, 3],
      ],
    );
  });

  it("are commands with what came of them", async () => {
    recorder.command("machine.set", { freqMHz: 500 }, undefined);
    recorder.command("pools.set", {}, { code: "POOL_URL_INVALID", context: {} });
    deepEqual(
      (await entries("command")).map(({ name, params, result }) => [name, params, result]),
      [
        ["machine.set", '{"freqMHz":500}', "done"],
        ["pools.set", "{}", "POOL_URL_INVALID"],
      ],
    );
  });
});
