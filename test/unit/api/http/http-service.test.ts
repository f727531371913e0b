import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HttpService } from "../../../../src/api/http/http-service.js";
import { startHttp } from "../../../../src/api/http/start-http.js";
import { Http } from "../../../../src/app/http-config.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { isMinerError } from "../../../../src/lib/errors.js";
import { TypedEmitter } from "../../../../src/lib/events.js";
import { createLogger } from "../../../../src/lib/logger.js";
import { chain, pool, snapshot } from "../../commands/watch-snapshot.js";
import { PASSWORD, virtualMachine } from "./http-rig.js";

interface Reply {
  readonly status: number | undefined;
  readonly text: string;
}

describe("HTTP on a socket", () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "headframe-http-"));
  });

  afterEach(() => {
    rmSync(dataDir, { recursive: true, force: true });
  });

  function options(port: number) {
    const latest = snapshot([chain(0, [1, 2])], [pool("first")]);
    return {
      ...{ dataDir, clock: new ManualClock(), log: createLogger("silent") },
      http: Http.parse({ port, address: "127.0.0.1" }),
      config: virtualMachine,
      history: { latest, events: new TypedEmitter<never>() },
      journal: { events: new TypedEmitter<never>(), command: () => undefined },
      desk: {
        give: ({ id }: { readonly id: string }) =>
          Promise.resolve({ id, is: "done" as const, result: { order: "paused" } }),
      },
      onTrouble: (error: Error): void => {
        throw error;
      },
    };
  }

  /** Without a length where `body` is a list: its parts go one by one. */
  function post(
    port: number,
    path: string,
    body: string | readonly string[] | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const sent = request({ port, host: "127.0.0.1", path, method: "POST", headers }, (reply) => {
        let text = "";
        reply.on("data", (bytes) => (text += String(bytes)));
        reply.on("end", () => {
          resolve({ status: reply.statusCode, text });
        });
      });
      sent.on("error", reject);
      const parts = typeof body === "string" ? [body] : (body ?? []);
      if (typeof body === "string") sent.setHeader("content-length", Buffer.byteLength(body));
      for (const part of parts) sent.write(part);
      sent.end();
    });
  }

  // A password is slow on purpose: 0.2 s.
  it("takes bodies with a length, without one, in parts, and no body, and ends at once", async () => {
    const service = await HttpService.start(options(0));
    const [port = 0] = service.ports;
    const json = { "content-type": "application/json" };
    const code = readFileSync(join(dataDir, "setup-code"), "utf8");
    const given = JSON.stringify({ code, password: PASSWORD });
    const begun = await post(port, "/api/v1/auth/setup", given, json);
    equal(begun.status, 200, begun.text);
    const login = [`{"password":`, `"${PASSWORD}"}`];
    equal((await post(port, "/api/v1/auth/login", login, json)).status, 200);
    const reply = await fetch(`http://127.0.0.1:${port}/api/v1/auth/login`, {
      ...{ method: "POST", headers: json, body: JSON.stringify({ password: PASSWORD }) },
    });
    const [cookie = ""] = (reply.headers.get("set-cookie") ?? "").split(";");
    const { csrf } = (await reply.json()) as { csrf: string };
    const own = { ...json, cookie, "x-csrf-token": csrf };
    const paused = await post(port, "/api/v1/mining/pause", undefined, own);
    deepEqual([paused.status, JSON.parse(paused.text)], [200, { order: "paused" }]);
    const long = Array.from({ length: 5 }, () => "x".repeat(65_536));
    equal((await post(port, "/api/v1/tokens", long, own)).status, 413);
    const live = await fetch(`http://127.0.0.1:${port}/api/v1/events`, { headers: { cookie } });
    const reader = (live.body as ReadableStream<Uint8Array>).getReader();
    const first = await reader.read();
    ok(new TextDecoder().decode(first.value).startsWith("event: snapshot\ndata: {"));
    // The stream is open.
    await service.stop();
    await rejects(fetch(`http://127.0.0.1:${port}/health`));
  });

  it("is not started where it is off, and harms nobody where it cannot listen", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    await rejects(HttpService.start(options(port)), (error) =>
      isMinerError(error, "HTTP_NOT_STARTED"),
    );
    equal(await startHttp(options(port)), undefined);
    equal(await startHttp({ ...options(0), http: Http.parse({ isOn: false }) }), undefined);
    equal(await startHttp({ ...options(0), http: undefined }), undefined);
    taken.close();
    await once(taken, "close");
  });
});
