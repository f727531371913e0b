import { deepEqual, equal, rejects } from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock, type Clock } from "../../../src/lib/clock.js";
import { BundleStore } from "../../../src/update/bundle-store.js";
import { download } from "../../../src/update/download.js";
import { Pace } from "../../../src/update/pace.js";

describe("the download of a bundle", () => {
  const clock: Clock = {
    ...systemClock,
    sleep: (_, signal) => Promise.resolve(signal?.throwIfAborted()),
  };
  const file = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 251));
  let dir = "";
  let server: Server;
  let asked: (string | undefined)[] = [];
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "headframe-download-"));
    asked = [];
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(dir, { recursive: true });
  });

  async function serve(answer: RequestListener): Promise<string> {
    server = createServer((request, response) => {
      asked.push(request.headers.range);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/bundle`;
  }

  function get(url: string, maxBytes = 10_000): Promise<void> {
    const { signal } = new AbortController();
    const store = new BundleStore({ dir, maxBytes, freeBytes: () => Promise.resolve(2 ** 40) });
    const pace = new Pace(clock, 1e9, signal);
    return download({ url, store, pace, clock, signal, onBytes: () => undefined });
  }

  const there = (): Promise<Buffer> => readFile(join(dir, "bundle.part"));

  /** Sends what is asked for, and breaks off after `most` bytes as long as `breaks` lasts. */
  function ranged(etag: () => string, most: number, breaks: number): RequestListener {
    let left = breaks;
    return ({ headers }, response) => {
      const isSame = headers["if-range"] === etag();
      const from = isSame ? Number(/\d+/.exec(headers.range ?? "")?.[0] ?? 0) : 0;
      const rest = file.subarray(from);
      response.writeHead(from > 0 ? 206 : 200, {
        ...{ etag: etag(), "content-length": rest.length },
        ...(from > 0 && { "content-range": `bytes ${String(from)}-4999/5000` }),
      });
      left -= 1;
      if (left < 0) response.end(rest);
      // What is on its way when a connection breaks is lost.
      else response.write(rest.subarray(0, most), () => setTimeout(() => response.destroy(), 50));
    };
  }

  it("goes on where a connection broke", async () => {
    await get(await serve(ranged(() => '"1"', 2000, 2)));
    deepEqual(await there(), file);
    deepEqual(asked, [undefined, "bytes=2000-", "bytes=4000-"]);
  });

  it("begins anew when the file is another, or the server does not say which", async () => {
    let generation = 0;
    await get(await serve(ranged(() => `"${String((generation += 1))}"`, 2000, 1)));
    deepEqual(await there(), file);
    equal(asked.length, 2);
  });

  it("refuses what is too large, and gives up on a no and on silence for good", async () => {
    const url = await serve(ranged(() => '"1"', 0, 0));
    await rejects(get(url, 4999), { code: "UPDATE_TOO_LARGE" });
    server
      .removeAllListeners("request")
      .on("request", (_, response) => response.writeHead(404).end());
    await rejects(get(url), { code: "UPDATE_DOWNLOAD_FAILED" });
    server.removeAllListeners("request").on("request", (request) => request.socket.destroy());
    await rejects(get(url), { code: "UPDATE_DOWNLOAD_FAILED" });
  });
});
