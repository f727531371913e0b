import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiLink } from "../../../../src/api/client/api-link.js";
import { apiRequest } from "../../../../src/api/client/api-requests.js";
import { RemoteController } from "../../../../src/api/client/remote-controller.js";
import { AccessBook } from "../../../../src/api/http/auth/access-book.js";
import { HttpService } from "../../../../src/api/http/http-service.js";
import { ROUTES } from "../../../../src/api/http/routes/all-routes.js";
import type { CommandAnswer } from "../../../../src/app/commands/command-answer.js";
import type { CommandRequest } from "../../../../src/app/commands/command-desk.js";
import { Http } from "../../../../src/app/http-config.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { isMinerError, type ErrorCode } from "../../../../src/lib/errors.js";
import { TypedEmitter } from "../../../../src/lib/events.js";
import { createLogger } from "../../../../src/lib/logger.js";
import type { Snapshot } from "../../../../src/telemetry/snapshot.js";
import { makeAuthority, type TestAuthority } from "../../../certificates.js";
import { chain, pool, snapshot } from "../../commands/watch-snapshot.js";
import { virtualMachine } from "../http/http-rig.js";

/** A test does not wait for what is slow on purpose. */
const LITTLE_WORK = { N: 16, r: 1, p: 1 };
const TIMEOUT_MS = 5000;

describe("a controller on the network", () => {
  let dataDir: string;
  let authority: TestAuthority;
  let service: HttpService;
  let tokens: Record<"own" | "read", string>;
  let orders: Pick<CommandRequest, "name" | "params" | "by">[];
  const answers: Record<string, unknown> = {
    "machine.set": { freqMHz: 500 },
    "machine.curtail": { order: "curtailed", state: "curtailed", isUnchanged: false, isKept: true },
    "config.get": { revision: "r7", config: { machine: "s19k-pro" } },
    "config.set": { changes: [], interruptsHashing: false, needsRestart: false, revision: "r8" },
    "pools.set": { revision: "r8", pools: [], groups: [] },
    "support.bundle": { name: "a.tar.gz", base64: Buffer.from("gz").toString("base64") },
  };
  const latest = snapshot([chain(0, [1, 2])], [pool("first")]);

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "headframe-client-"));
    authority = await makeAuthority();
    const { certPem, keyPem } = await authority.issue({ ips: ["127.0.0.1"] });
    writeFileSync(join(dataDir, "cert.pem"), certPem);
    writeFileSync(join(dataDir, "key.pem"), keyPem);
    tokens = await makeTokens();
    orders = [];
    service = await HttpService.start({
      ...{ dataDir, clock: new ManualClock(), log: createLogger("silent"), onTrouble },
      http: Http.parse({
        ...{ port: 0, address: "127.0.0.1" },
        tls: { certFile: join(dataDir, "cert.pem"), keyFile: join(dataDir, "key.pem"), port: 0 },
      }),
      config: virtualMachine,
      history: { latest, events: new TypedEmitter<never>() },
      journal: { events: new TypedEmitter<never>(), command: () => undefined },
      desk: { give },
    });
  });

  afterEach(async () => {
    await service.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  function onTrouble(error: Error): void {
    throw error;
  }

  async function makeTokens(): Promise<typeof tokens> {
    const clock = new ManualClock();
    const access = await AccessBook.open({ dataDir, clock, onTrouble, work: LITTLE_WORK });
    await access.setPassword("correct horse battery");
    const own = await access.addToken("own", "own");
    const read = await access.addToken("read", "read");
    await access.stop();
    return { own: own.token, read: read.token };
  }

  function give({ id, name, params, by }: CommandRequest): Promise<CommandAnswer> {
    orders.push({ name, params, by });
    return Promise.resolve({ id, is: "done", result: answers[name] ?? {} });
  }

  function secure(
    token = tokens.own,
    ca: string | undefined = authority.certPem,
  ): RemoteController {
    const url = new URL(`https://127.0.0.1:${String(service.ports[1])}`);
    return new RemoteController(new ApiLink({ url, token, ca }));
  }

  const refusedWith =
    (code: ErrorCode, about = /./) =>
    (error: unknown): boolean => {
      ok(isMinerError(error, code), String(error));
      match(error.message, about);
      return true;
    };

  async function other(handle: Parameters<typeof createServer>[1]): Promise<[Server, ApiLink]> {
    const server = createServer(handle ?? (() => undefined)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = new URL(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
    return [server, new ApiLink({ url, token: "t" })];
  }

  it("answers what the control socket answers, over a connection that is verified", async () => {
    const controller = secure();
    const status = (await controller.ask("status")) as Snapshot;
    equal(status.machine, latest.machine);
    deepEqual(await controller.ask("machine.set", { freqMHz: 500 }), { freqMHz: 500 });
    deepEqual(await controller.ask("config.get"), answers["config.get"]);
    await controller.ask("machine.curtail", { toW: 2000, waitS: 5 });
    await controller.ask("config.set", { patch: { powerW: null }, revision: "r7" });
    await controller.ask("pools.set", { pools: [], revision: "r7" });
    const bundle = (await controller.ask("support.bundle")) as { base64: string };
    equal(Buffer.from(bundle.base64, "base64").toString(), "gz");
    const given = orders.map(({ name, params }) => [name, params]);
    deepEqual(given, [
      ["machine.set", { freqMHz: 500 }],
      ["config.get", {}],
      ["machine.curtail", { toW: 2000, waitS: 5 }],
      ["config.set", { patch: { powerW: null }, revision: "r7" }],
      ["pools.set", { pools: [], revision: "r7" }],
      ["support.bundle", {}],
    ]);
    equal(orders[0]?.by.who, "token own 127.0.0.1");
  });

  it("keeps tokens: made, listed, taken away", async () => {
    const controller = secure();
    const made = (await controller.ask("tokens.add", { name: "farm", scope: "read" })) as {
      readonly token: string;
      readonly id: string;
    };
    await secure(made.token).ask("status");
    const names = async (): Promise<string[]> => {
      const answer = (await controller.ask("tokens.list")) as { tokens: { name: string }[] };
      return answer.tokens.map(({ name }) => name);
    };
    deepEqual(await names(), ["own", "read", "farm"]);
    await controller.ask("tokens.remove", { id: made.id });
    deepEqual(await names(), ["own", "read"]);
    await rejects(secure(made.token).ask("status"), refusedWith("HTTP_LOGIN_NEEDED"));
    await rejects(
      controller.ask("tokens.remove", { id: made.id }),
      refusedWith("HTTP_NOT_FOUND", new RegExp(made.id)),
    );
  });

  it("says which refusal it was", async () => {
    await rejects(secure("wrong").ask("status"), refusedWith("HTTP_LOGIN_NEEDED"));
    await rejects(secure(tokens.read).ask("machine.pause"), refusedWith("HTTP_SCOPE_MISSING"));
    const refused = refusedWith("HOST_CERTIFICATE_REFUSED");
    const elsewhere = await makeAuthority("Another");
    await rejects(secure(tokens.own, elsewhere.certPem).ask("status"), refused);
    const url = new URL(`https://localhost:${String(service.ports[1])}`);
    const misnamed = new ApiLink({ url, token: tokens.own, ca: authority.certPem });
    await rejects(
      new RemoteController(misnamed).ask("machine.pause"),
      refusedWith("HOST_CERTIFICATE_REFUSED", /localhost/),
    );
    deepEqual(orders, []);
  });

  it("says that nobody answers, or nobody who speaks TLS", async () => {
    const plainPort = new URL(`https://127.0.0.1:${String(service.ports[0])}`);
    const link = new ApiLink({ url: plainPort, token: tokens.own });
    await rejects(link.send(apiRequest("status", {}), TIMEOUT_MS), refusedWith("HOST_UNREACHABLE"));
    const [server, gone] = await other(undefined);
    await rejects(
      gone.send(apiRequest("status", {}), 20),
      refusedWith("HOST_UNREACHABLE", /no answer/),
    );
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rejects(
      gone.send(apiRequest("status", {}), TIMEOUT_MS),
      refusedWith("HOST_UNREACHABLE", /ECONNREFUSED/),
    );
  });

  it("says that something else answers, or another version", async () => {
    const replies = [
      [200, "text/html", "<html>"],
      [404, "text/html", "<html>"],
      [404, "application/problem+json", '{"code":"HTTP_NOT_FOUND","context":{}}'],
      [409, "application/problem+json", '{"code":"CODE_OF_LATER","context":{}}'],
    ] as const;
    let next = 0;
    const [server, link] = await other((_, reply) => {
      const [status, type, body] = replies[next++] ?? [500, "", ""];
      reply.writeHead(status, { "content-type": type }).end(body);
    });
    for (const [status] of replies)
      await rejects(
        link.send(apiRequest("pools.list", {}), TIMEOUT_MS),
        refusedWith("HOST_DIFFERS", new RegExp(`GET /api/v1/pools .*status=${String(status)}`)),
      );
    equal(next, replies.length);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it("asks for history until there is none that is older", async () => {
    const at = (atUnixMs: number): object => ({ atUnixMs });
    const asked: string[] = [];
    const [server, link] = await other(({ url = "" }, reply) => {
      asked.push(url);
      const page = url.includes("until")
        ? { stepS: 60, hasOlder: false, rows: [at(1000), at(2000)] }
        : { stepS: 60, hasOlder: true, rows: [at(3000), at(4000)] };
      reply.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(page));
    });
    deepEqual(await new RemoteController(link).minutes(500.5), [1000, 2000, 3000, 4000].map(at));
    deepEqual(asked, [
      "/api/v1/history?step=60&sinceUnixMs=500",
      "/api/v1/history?step=60&sinceUnixMs=500&untilUnixMs=2999",
    ]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it("asks for routes that there are", () => {
    const commands = [
      ...["status", "logs", "events.list", "trips.list", "trips.clear", "pools.list", "pools.set"],
      ...["pause", "resume", "sleep", "wake", "curtail", "restart"].map(
        (name) => `machine.${name}`,
      ),
      ...["machine.locate", "system.reboot", "tokens.list", "tokens.add", "tokens.remove"],
      ...["config.get", "config.check", "config.set", "support.bundle", "machine.set"],
    ];
    for (const command of commands) {
      const { verb, path } = apiRequest(command, { id: "some", patch: {} });
      const isThere = ROUTES.some(
        (route) =>
          route.method === verb.toLowerCase() &&
          new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path),
      );
      ok(isThere, `${command}: ${verb} ${path}`);
    }
  });
});
