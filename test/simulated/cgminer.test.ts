import { deepEqual, equal, match, ok } from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { askController } from "../../src/api/control/control-client.js";
import { networkFacts } from "../../src/api/mqtt/network-facts.js";
import type { Snapshot } from "../../src/telemetry/snapshot.js";
import { askCgminer, CGMINER_HOST, commandCgminer } from "./cgminer-client.js";
import { assertBuilt, headframe } from "./program.js";
import { installPyasic, usePyasic } from "./pyasic.js";
import { Rig } from "./rig.js";
import { measureFor, until } from "./until.js";

const OWNER = "127.0.0.2";
const BOARDS = 3;
const POOLS = 4;
const PASSWORD = "correct horse battery";
/** The newest: it reads boards and changes settings by the web pages, on port 80. */
const PYASIC = "0.79.0";
const CLIENTS = 50;
const LOAD_S = 4;
/** Of some 600 nonces; other tests may begin meanwhile. */
const LEAST_NONCES = 0.6;
/** Of buffers that the collector has not been asked to return. */
const RSS_NOISE_MB = 12;

interface Summary {
  readonly SUMMARY: readonly [{ readonly Accepted: number }];
}

interface ConfigText extends Readonly<Record<string, unknown>> {
  readonly pools: readonly object[];
}

interface Pyasic {
  readonly mac: string | null;
  readonly hostname: string;
  readonly is_mining: boolean;
  readonly fault_light: boolean;
  readonly errors: readonly unknown[];
  readonly device_info: { readonly make: string; readonly model: string };
  readonly hashrate: { readonly rate: number };
  readonly hashboards: readonly {
    readonly chips: number;
    readonly temp: number;
    readonly missing: boolean;
    readonly hashrate: { readonly rate: number };
  }[];
  readonly fans: readonly { readonly speed: number }[];
  readonly pools: readonly { readonly url: string; readonly accepted: number; active: boolean }[];
  readonly uptime: number;
}

describe("the API of cgminer on a running machine", function () {
  this.timeout(300_000);
  let rig: Rig;

  before(async () => {
    assertBuilt();
    const cgminer = { listen: CGMINER_HOST, allow: `W:${OWNER},R:0/0` };
    const http = { address: CGMINER_HOST, stockPages: {} };
    const config = { cgminer, http, cooling: { maxDutyPct: 90 } };
    rig = new Rig({ machine: "s19k-pro", backups: [{}, {}, {}], config });
    await rig.start();
  });

  beforeEach(async () => {
    await rig.untilMining();
  });

  afterEach(function () {
    if (this.currentTest?.state === "failed") process.stderr.write(`${rig.report()}\n`);
  });

  after(async () => {
    await rig.stop();
  });

  async function status(): Promise<Snapshot> {
    const snapshot = await rig.status();
    ok(snapshot !== undefined);
    return snapshot;
  }

  async function assertRead(data: Pyasic): Promise<void> {
    deepEqual([data.device_info.make, data.device_info.model], ["AntMiner", "S19K Pro"]);
    const { chains } = await status();
    deepEqual(
      data.hashboards.map((board) => board.chips),
      chains.map((chain) => chain.chips),
    );
    for (const board of data.hashboards)
      ok(!board.missing && board.hashrate.rate > 0 && board.temp > 10, JSON.stringify(board));
    equal(data.hashboards.length, BOARDS);
    ok(data.hashrate.rate > 1 && data.uptime > 1);
    for (const { speed } of data.fans) ok(speed > 1000, `${speed} rpm`);
    equal(data.pools.length, POOLS);
    ok(data.pools[0]!.active && data.pools[0]!.accepted > 0);
    equal(data.mac, networkFacts().mac?.toUpperCase() ?? null);
    equal(data.hostname, hostname());
    deepEqual([data.is_mining, data.fault_light, data.errors], [true, false, []]);
  }

  function codeOf(reply: { readonly STATUS: readonly [{ readonly Code: number }] }): number {
    return reply.STATUS[0].Code;
  }

  it("shows the figures of the status", async () => {
    const before = await status();
    type Rows = readonly Readonly<Record<string, unknown>>[];
    // Answers are of the picture of this second.
    const text = await until(
      async () => {
        const answer = await askCgminer('{"command":"version+pools+stats"}\n');
        return answer.includes('"chain_acn1":0') ? undefined : answer;
      },
      { what: "the picture of a machine that mines", withinS: 5 },
    );
    const all = JSON.parse(text.slice(0, -1)) as Record<string, [Record<string, Rows>]>;
    const of = (command: string, section: string): Rows => all[command]![0][section]!;
    equal(of("version", "VERSION")[0]?.["Type"], "Antminer S19k Pro");
    const flat = of("stats", "STATS")[1]!;
    const chips = before.chains.map(({ chips: count }) => count);
    deepEqual(
      [1, 2, 3].map((n) => flat[`chain_acn${n}`]),
      chips,
    );
    const fans = before.fans.fans.map(({ rpm }) => Math.round(rpm ?? 0));
    for (const [index, rpm] of fans.entries())
      ok(Math.abs(Number(flat[`fan${index + 1}`]) - rpm) < 500, `fan ${index + 1}`);
    const accepted = await until(
      async () => (await commandCgminer<Summary>("summary")).SUMMARY[0].Accepted || undefined,
      { what: "the shares of the status are told" },
    );
    ok(accepted <= (await status()).pool.accepted, `${accepted} accepted`);
    const [pool] = of("pools", "POOLS");
    deepEqual([pool?.["URL"], pool?.["Stratum Active"]], [rig.pool.url, true]);
  });

  it("answers stock pages for who knows the password, as curl proves it", async function () {
    if (!(await mayListenAt(80))) {
      this.test!.title += " (skipped, nobody may listen on port 80 here)";
      this.skip();
    }
    const stats = `http://${CGMINER_HOST}/cgi-bin/stats.cgi`;
    equal((await curl(stats, "root:root")).status, 401);
    const code = readFileSync(join(rig.dataDir, "setup-code"), "utf8").trim();
    const setup = await fetch(`http://${CGMINER_HOST}/api/v1/auth/setup`, {
      ...{ method: "POST", headers: { "content-type": "application/json" } },
      body: JSON.stringify({ code, password: PASSWORD }),
    });
    equal(setup.status, 200);
    equal((await curl(stats, "root:root")).status, 401);
    const { status: answered, body } = await curl(stats, `root:${PASSWORD}`);
    equal(answered, 200);
    equal((JSON.parse(body) as { STATS: [{ chain: unknown[] }] }).STATS[0].chain.length, BOARDS);
    const warning = `http://${CGMINER_HOST}:6060/warning`;
    equal((await curl(warning)).status, 401);
    match((await curl(warning, `root:${PASSWORD}`)).body, /^\{"error_message":"[\w:]+"\}$/);
  });

  it("is what pyasic finds, reads and changes, and nothing else is reset", async function () {
    if (!existsSync(join(rig.dataDir, "http-access.json"))) {
      this.test!.title += " (skipped, nobody may listen on port 80 here)";
      this.skip();
    }
    let python: string;
    try {
      python = await installPyasic(PYASIC);
    } catch (error) {
      this.test!.title += ` (skipped, Python packages cannot be installed: ${String(error).slice(0, 80)})`;
      this.skip();
    }
    const before = JSON.parse(readFileSync(rig.configFile, "utf8")) as ConfigText;
    const shown = (await rig.command("config", "get"))["config"] as ConfigText;
    const { url } = rig.backups[0]!;
    // A start of Python costs as much as all that it does.
    const [mining, asleep, ...more] = await usePyasic<Pyasic>(python, CGMINER_HOST, PASSWORD, [
      ...(["read", "blink", "stop", "read", "resume"] as const),
      [url, "rig.other", "z"],
    ]);
    ok(mining !== undefined && asleep !== undefined && more.length === 0, "not found");
    await assertRead(mining);
    deepEqual([asleep.is_mining, asleep.mac], [false, mining.mac]);
    equal((await status()).state.order, "mine");
    const [, ...others] = before.pools;
    const pools = [{ url, user: "rig.other", password: "z" }, ...others];
    deepEqual(JSON.parse(readFileSync(rig.configFile, "utf8")), { ...before, pools });
    const { pools: listed, ...rest } = (await rig.command("config", "get"))["config"] as ConfigText;
    deepEqual({ ...rest, pools: shown.pools }, shown);
    deepEqual(listed.slice(1), shown.pools.slice(1));
    // The rig counts the shares of its own first pool.
    await askController(rig.dataDir, "config.set", { patch: { pools: before.pools } });
  });

  it("changes nothing for who may only read, whatever comes", async () => {
    const config = readFileSync(rig.configFile, "utf8");
    for (const command of ["pause", "curtail", "restart", "addpool", "switchpool", "logon"])
      equal(codeOf(await commandCgminer(command, "1,sleep,x")), 45, command);
    const request = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc
        .tuple(fc.constantFrom("pause", "quit", "removepool", "profileset"), fc.string())
        .map(([command, parameter]) => Buffer.from(`${command}|${parameter}\n`)),
    );
    // Broken JSON is waited for, a second each: all at once.
    const answers = await Promise.all(
      fc.sample(request, 48).map((bytes, index) => askCgminer(bytes, `127.0.1.${index % 4}`)),
    );
    for (const answer of answers) match(answer, /\0$/);
    equal(readFileSync(rig.configFile, "utf8"), config);
    equal((await status()).state.is, "hashing");
  });

  it("does not take anything from mining when 50 clients ask as fast as they can", async () => {
    const nonces = ({ chains }: Snapshot): number =>
      chains.reduce((sum, { chipNonces }) => sum + chipNonces.reduce((a, b) => a + b, 0), 0);
    const found = async (): Promise<number> => {
      const from = nonces(await status());
      await measureFor(LOAD_S);
      return nonces(await status()) - from;
    };
    const alone = await found();
    const { rssMb } = (await status()).process;
    const load = { isOn: true, answers: 0, refused: 0 };
    const clients = Array.from({ length: CLIENTS }, async (_, client) => {
      while (load.isOn) {
        const text = await askCgminer('{"command":"stats+pools+devs"}', `127.0.1.${client}`);
        ok(text.endsWith("\0"));
        load.answers += 1;
        if (text.includes('"Code":404')) load.refused += 1;
      }
    });
    const loaded = await found();
    load.isOn = false;
    await Promise.all(clients);
    const grown = (await status()).process.rssMb - rssMb;
    const facts = `${alone} and ${loaded} nonces, ${grown.toFixed(1)} MB, ${JSON.stringify(load)}`;
    ok(alone > 0 && loaded > LEAST_NONCES * alone, facts);
    ok(grown < RSS_NOISE_MB, facts);
    // Everybody is served, and nobody as fast as it can.
    ok(load.answers - load.refused > 2 * CLIENTS && load.answers < 1000, facts);
  });

  it("obeys who may write: pools, curtailment with a session", async () => {
    equal(codeOf(await commandCgminer("switchpool", "1", OWNER)), 27);
    const { pools } = JSON.parse(readFileSync(rig.configFile, "utf8")) as {
      pools: readonly { url: string; password: string }[];
    };
    deepEqual([pools[0]?.url, pools[0]?.password], [rig.backups[0]?.url, "y"]);
    const { SESSION } = await commandCgminer<{ SESSION: [{ SessionID: string }] }>(
      "logon",
      undefined,
      OWNER,
    );
    const [{ SessionID: id }] = SESSION;
    equal(codeOf(await commandCgminer("curtail", `${id},sleep`, OWNER)), 401);
    equal((await status()).state.is, "curtailed");
    equal(codeOf(await commandCgminer("curtail", `${id},wakeup`, OWNER)), 401);
    equal((await status()).state.order, "mine");
    const { stdout } = await headframe(["events", "--data", rig.dataDir, "--json"]);
    match(stdout, /"cgminer 127\.0\.0\.2"/);
  });
});

/** The program's own listener is there already where somebody may. */
function mayListenAt(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code === "EADDRINUSE");
    });
    probe.listen(port, CGMINER_HOST, () => {
      probe.close(() => {
        resolve(true);
      });
    });
  });
}

async function curl(
  url: string,
  user?: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const who = user === undefined ? [] : ["--digest", "--user", user];
  const args = ["--silent", "--max-time", "10", "--write-out", "\n%{http_code}", ...who, url];
  const { stdout } = await promisify(execFile)("curl", args);
  const at = stdout.lastIndexOf("\n");
  return { status: Number(stdout.slice(at + 1)), body: stdout.slice(0, at) };
}
