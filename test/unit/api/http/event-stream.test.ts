import { deepEqual, equal, ok } from "node:assert/strict";
import type { JournalEvent } from "../../../../src/app/kept/journal.js";
import { httpRigs, type HttpRig } from "./http-rig.js";

const EVENT: JournalEvent = {
  ...{ atUnixMs: 1_700_000_000_123, uptimeS: 1, kind: "command", what: "machine.pause" },
  ...{ code: null, context: { by: "http" } },
};

/** One reader of the stream. */
class Reader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = "";

  constructor(response: Response) {
    equal(response.status, 200);
    this.#reader = response.body!.getReader();
  }

  /** The next message: its event, data and id; undefined at the end. */
  async next(): Promise<{ event: string; data: unknown; id: string | undefined } | undefined> {
    while (!this.#text.includes("\n\n")) {
      const { value, done } = await this.#reader.read();
      if (done) return undefined;
      this.#text += new TextDecoder().decode(value);
    }
    const end = this.#text.indexOf("\n\n");
    const lines = this.#text.slice(0, end).split("\n");
    this.#text = this.#text.slice(end + 2);
    const field = (name: string): string | undefined =>
      lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    const data = JSON.parse(field("data") ?? "null") as unknown;
    return { event: field("event") ?? "", data, id: field("id") };
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

describe("live events over HTTP", () => {
  const start = httpRigs();

  async function open(rig: HttpRig, headers: Record<string, string>): Promise<Reader> {
    return new Reader(await rig.ask("/api/v1/events", { headers }));
  }

  function second(rig: HttpRig, hottestC: number): void {
    rig.latest = { ...rig.latest, hottestC };
    rig.seconds.emit("second", rig.latest);
  }

  it("begin with the whole snapshot, and go on with what changes", async () => {
    const rig = await start();
    const headers = await rig.owned("read");
    const reader = await open(rig, headers);
    const first = await reader.next();
    equal(first?.event, "snapshot");
    deepEqual(first.data, JSON.parse(JSON.stringify(rig.latest)));
    second(rig, 51);
    deepEqual(await reader.next(), { event: "patch", data: { hottestC: 51 }, id: undefined });
    rig.journal.emit("added", EVENT);
    deepEqual(await reader.next(), { event: "event", data: EVENT, id: "1700000000123" });
    // Who comes later gets what holds then, and the next patch fits it.
    const later = await open(rig, headers);
    equal(((await later.next())?.data as { hottestC: number }).hottestC, 51);
    second(rig, 52);
    deepEqual((await later.next())?.data, { hottestC: 52 });
  });

  it("bring the events that were missed", async () => {
    const rig = await start();
    const headers = await rig.owned("read");
    rig.answers["events.list"] = { events: [EVENT] };
    const reader = await open(rig, { ...headers, "last-event-id": "1700000000100" });
    equal((await reader.next())?.event, "snapshot");
    equal((await reader.next())?.id, "1700000000123");
    deepEqual(rig.orders[0]?.params, { sinceUnixMs: 1_700_000_000_100, last: 200 });
  });

  it("take eight readers, refuse the next politely, and listen only as long as there are any", async () => {
    const rig = await start();
    const headers = await rig.owned("read");
    const readers: Reader[] = [];
    for (let count = 0; count < 8; count++) readers.push(await open(rig, headers));
    const refused = await rig.ask("/api/v1/events", { headers });
    deepEqual([refused.status, refused.headers.get("retry-after")], [503, "10"]);
    await readers[0]!.cancel();
    await open(rig, headers);
    for (const reader of readers) await reader.cancel();
  });

  it("end for a reader whose token is taken away", async () => {
    const rig = await start();
    const headers = await rig.owned("read");
    const reader = await open(rig, headers);
    await reader.next();
    await rig.access.removeToken(rig.access.tokens[0]!.id);
    second(rig, 53);
    equal(await reader.next(), undefined);
  });

  it("cut off a reader that does not read", async () => {
    const rig = await start();
    const reader = await open(rig, await rig.owned("read"));
    const long = "x".repeat(20_000);
    for (let count = 0; count < 20; count++)
      rig.journal.emit("added", { ...EVENT, context: { text: `${long}${count}` } });
    let read = 0;
    while ((await reader.next()) !== undefined) read += 1;
    ok(read > 1 && read < 20, String(read));
  });
});
