import { deepEqual, equal, match, ok } from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertBuilt } from "./program.js";
import { type Rig, rigs } from "./rig.js";
import { until } from "./until.js";

const DOCS = new URL("../../docs/http.md", import.meta.url);
const TOKEN_LINE = 'printf %s "$TOKEN" >"$DATA/token"';
const HOSTILE = 200;

describe("a controller with HTTP", function () {
  this.timeout(120_000);
  before(assertBuilt);
  const rig = rigs();

  /** Where it listens, once it does. */
  async function portOf({ controller }: Rig): Promise<number> {
    return until(
      () => {
        const line = controller.stderr.split("\n").find((each) => each.includes("HTTP listens"));
        return line === undefined ? undefined : (JSON.parse(line) as { ports: number[] }).ports[0];
      },
      { what: "HTTP listens", facts: () => controller.stderr },
    );
  }

  /** The examples of the documents, in one shell, and the token that they made. */
  function runExamples(port: number, dataDir: string): string {
    const examples = [...readFileSync(DOCS, "utf8").matchAll(/```sh\n([\s\S]*?)```/g)];
    const script = ["set -e", ...examples.map(([, text = ""]) => text), TOKEN_LINE];
    const env = { ...process.env, MINER: `http://127.0.0.1:${port}`, DATA: dataDir };
    const shell = spawnSync("bash", ["-c", script.join("\n")], { env, encoding: "utf8" });
    equal(shell.status, 0, `${shell.stdout}\n${shell.stderr}`);
    ok(examples.length >= 6);
    match(shell.stdout, /event: snapshot\ndata: \{/);
    match(shell.stdout, /miner_hashes_total/);
    match(shell.stdout, /"needsRestart":true/);
    return readFileSync(join(dataDir, "token"), "utf8");
  }

  it("does what the documents say, and nothing for those who mean harm", async () => {
    const http = { port: 0, address: "127.0.0.1" };
    const mine = await rig.start({ config: { http } });
    await mine.untilMining();
    const port = await portOf(mine);
    const before = await fetch(`http://127.0.0.1:${port}/api/v1/status`);
    equal(before.status, 403);
    const authorization = `Bearer ${runExamples(port, mine.dataDir)}`;
    const ask = async (path: string, method = "GET"): Promise<unknown> =>
      (
        await fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { authorization } })
      ).json();
    const { noPool } = JSON.parse(readFileSync(mine.configFile, "utf8")) as { noPool: string };
    equal(noPool, "keepWarm");
    // The same figures as elsewhere.
    const told = (await ask("/api/v1/miner")) as { process: { pid: number } };
    equal(told.process.pid, (await mine.status())?.process.pid);
    await ask("/api/v1/mining/pause", "POST");
    const paused = await mine.until("it is paused", ({ state }) => state.is === "paused");
    await hostile(port);
    const after = await mine.status();
    deepEqual([after?.state.is, after?.state.order], ["paused", "paused"]);
    equal(after?.process.pid, paused.process.pid);
    await ask("/api/v1/mining/resume", "POST");
    await mine.untilMining();
    const rssMb = (await mine.status())?.process.rssMb;
    process.stderr.write(`http: ${JSON.stringify({ rssMb })}\n`);
    const tool = spawnSync("prometheus", ["--version"]);
    if (tool.error === undefined) await scraped(port, authorization);
    else process.stderr.write("http: not scraped, as Debian's prometheus is not installed\n");
    equal(await mine.controller.stop(), 0);
  });
});

/** Requests that no client sends: none may end the program or change what it does. */
async function hostile(port: number): Promise<void> {
  const verbs = ["GET", "POST", "PATCH", "DELETE", "XYZ", "\0", "post"];
  const paths = [
    "/api/v1/mining/resume",
    "/api/v1/config",
    "/%",
    "//",
    "/api/v1/../..",
    "*",
    "/api/v1/boards/%00",
  ];
  const heads = [
    "Host: 127.0.0.1",
    "Host: evil",
    "",
    "Content-Length: -1",
    "Transfer-Encoding: chunked",
  ];
  const bodies = ["", "{", '{"__proto__":{"scope":"own"}}', "ffffffff\r\n", "\0".repeat(5000)];
  const pick = <Value>(list: readonly Value[], at: number): Value => list[at % list.length]!;
  for (let at = 0; at < HOSTILE; at++) {
    const lines = [
      `${pick(verbs, at)} ${pick(paths, at >> 1)} HTTP/1.1`,
      ...[pick(heads, at), "Cookie: headframe=x", "Authorization: Bearer hf_00000000_x"],
      ...["Content-Type: application/json", `X-Junk: ${"j".repeat((at * 97) % 12_000)}`],
    ];
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined); // it may be refused
    socket.end(`${lines.join("\r\n")}\r\n\r\n${pick(bodies, at)}`);
    socket.resume();
    if (at % 10 === 9) await once(socket, "close");
  }
}

/** A real Prometheus takes what the machine tells. */
async function scraped(port: number, authorization: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "headframe-prometheus-"));
  const job = {
    ...{ job_name: "miners", scrape_interval: "1s", scrape_timeout: "1s" },
    authorization: { credentials: authorization.replace("Bearer ", "") },
    static_configs: [{ targets: [`127.0.0.1:${port}`] }],
  };
  // JSON is YAML.
  writeFileSync(join(folder, "prometheus.yml"), JSON.stringify({ scrape_configs: [job] }));
  execFileSync("promtool", ["check", "config", join(folder, "prometheus.yml")]);
  const own = port === 65_535 ? port - 1 : port + 1;
  const server = spawn("prometheus", [
    `--config.file=${join(folder, "prometheus.yml")}`,
    ...[`--storage.tsdb.path=${join(folder, "data")}`, `--web.listen-address=127.0.0.1:${own}`],
  ]);
  try {
    const found = await until(
      async () => {
        const query = `http://127.0.0.1:${own}/api/v1/query?query=miner_hashes_total`;
        const reply = await fetch(query).catch(() => undefined);
        const { data } = ((await reply?.json()) ?? {}) as { data?: { result: unknown[] } };
        return data?.result[0];
      },
      { what: "Prometheus has scraped the machine" },
    );
    ok(found);
  } finally {
    const ended = once(server, "close");
    server.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}
