import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownNetworks } from "../../src/api/ip-report/report-datagrams.js";
import { makeAuthority } from "../certificates.js";
import { type Ear, hearServices } from "../hear-services.js";
import { assertBuilt, headframe } from "./program.js";
import { type Rig, rigs } from "./rig.js";
import { until } from "./until.js";
import { askVirtual } from "./virtual-control.js";

const PASSWORD = "correct horse battery";
const NAME = "simulated-miner";
/** Documented: management.md, 5.4. */
const TOOL_PORT = 14235;
const SERVICE = `${NAME}._http._tcp.local.`;

describe("a machine on the network", function () {
  this.timeout(120_000);
  before(assertBuilt);
  const rig = rigs();
  let folder: string;
  let ear: Ear | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-network-"));
  });

  afterEach(() => {
    ear?.close();
    ear = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  function file(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Of plain http and of https. */
  function portsOf({ controller }: Rig): Promise<readonly number[]> {
    return until(
      () => {
        const line = controller.stderr.split("\n").find((each) => each.includes("HTTP listens"));
        return line === undefined ? undefined : (JSON.parse(line) as { ports: number[] }).ports;
      },
      { what: "HTTP listens", facts: () => controller.stderr },
    );
  }

  /** The first password, and with it the first token. */
  async function firstToken({ dataDir }: Rig, port: number): Promise<string> {
    const post = async (path: string, body: object, headers = {}): Promise<Response> =>
      fetch(`http://127.0.0.1:${String(port)}/api/v1${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      });
    const code = readFileSync(join(dataDir, "setup-code"), "utf8").trim();
    const begun = await post("/auth/setup", { code, password: PASSWORD });
    const { csrf } = (await begun.json()) as { csrf: string };
    const cookie = begun.headers.get("set-cookie")?.split(";")[0] ?? "";
    const headers = { cookie, "x-csrf-token": csrf };
    const made = await post("/tokens", { name: "first", scope: "own" }, headers);
    return ((await made.json()) as { token: string }).token;
  }

  /** Presses the button and sees the report as tools do. The ports are fixed, so other miners may be heard here too. */
  async function pressReport(mine: Rig): Promise<void> {
    const [network] = ownNetworks();
    if (network === undefined) return void process.stderr.write("no network: no IP report seen\n");
    const mac = network.mac.toUpperCase();
    const heard: string[] = [];
    const tool = createSocket({ type: "udp4", reuseAddr: true });
    tool.on("message", (bytes, { address, port }) => {
      heard.push(bytes.toString("latin1"));
      if (bytes.toString("latin1") !== `${network.ip},${mac}`) return;
      equal(port, 14236);
      tool.send(mac, port, address);
    });
    tool.bind(TOOL_PORT);
    await once(tool, "listening");
    try {
      const press = { do: "press", button: "button-ip-report" };
      await askVirtual(join(mine.deviceDir, "control.sock"), press);
      await until(() => heard.includes("OK\0\0\0\0\0\0\0\0") || undefined, {
        ...{ what: "the report and the answer to its echo", facts: () => heard },
      });
      await until(async () => (await mine.truth()).lines["led-green"] === 1 || undefined, {
        what: "the light blinks",
      });
    } finally {
      tool.close();
    }
  }

  it("is heard of, obeys the command line from afar, and says when it goes", async () => {
    const authority = await makeAuthority();
    const { certPem, keyPem } = await authority.issue({ ips: ["127.0.0.1"] });
    const tls = { certFile: file("cert.pem", certPem), keyFile: file("key.pem", keyPem), port: 0 };
    const ca = file("ca.pem", authority.certPem);
    const http = { port: 0, address: "127.0.0.1", tls };
    ear = await hearServices();
    const mine = await rig.start({ config: { http, mdns: { name: NAME, interfaces: ["lo"] } } });
    const [plain = 0, secure = 0] = await portsOf(mine);
    const heard = await ear.until(SERVICE, ({ ttl }) => ttl > 0);
    deepEqual([heard.port, heard.host], [plain, `${NAME}.local.`]);
    ok(heard.txt.includes(`https=${String(secure)}`), heard.txt.join(" "));
    const tokenFile = file("token", await firstToken(mine, plain));
    const here = ["--host", `127.0.0.1:${String(secure)}`, "--ca", ca];
    const ask = async (...words: string[]): Promise<Record<string, unknown>> => {
      const { exitCode, stdout, stderr } = await headframe([
        ...[...words, "--json", ...here, "--token-file", tokenFile],
      ]);
      equal(exitCode, 0, `${words.join(" ")}: ${stderr}`);
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    await mine.untilMining();
    await pressReport(mine);
    const told = await ask("status");
    deepEqual(told["process"], { ...(told["process"] as object), pid: mine.controller.pid });
    await ask("pause");
    await mine.until("it is paused", ({ state }) => state.is === "paused");
    const plan = await ask("config", "set", "noPool=keepWarm", "--dry-run");
    deepEqual(plan["interruptsHashing"], false);
    const noPool = (): unknown =>
      (JSON.parse(readFileSync(mine.configFile, "utf8")) as { noPool?: string }).noPool;
    equal(noPool(), undefined);
    await ask("config", "set", "noPool=keepWarm");
    equal(noPool(), "keepWarm");
    const local = await mine.command("token", "add", "bench", "--scope", "operate");
    const [, listed] = (await ask("token", "list"))["tokens"] as { id: string; name: string }[];
    deepEqual([listed?.id, listed?.name], [local["id"], "bench"]);
    await ask("resume", "--token-file", file("local", String(local["token"])));
    await mine.command("token", "remove", String(local["id"]));
    const read = await ask("token", "add", "reader", "--scope", "read");
    const readerFile = file("reader", String(read["token"]));
    const refused = await headframe([...["resume", "--json", ...here, "--token-file", readerFile]]);
    deepEqual([refused.exitCode, refused.stdout], [1, ""]);
    match(refused.stderr, /HTTP_SCOPE_MISSING/);
    const untrusted = await headframe([
      ...["status", "--json", "--host", `127.0.0.1:${String(secure)}`, "--token-file", tokenFile],
    ]);
    match(untrusted.stderr, /HOST_CERTIFICATE_REFUSED/);
    const { stdout: events } = await headframe([
      ...["events", "--json", ...here, "--token-file", readerFile],
    ]);
    match(events, /"what":"machine.pause"/);
    equal(await mine.controller.stop(), 0);
    await ear.until(SERVICE, ({ ttl }) => ttl === 0);
  });
});
