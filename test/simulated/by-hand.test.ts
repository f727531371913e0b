import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertBuilt, headframe, Program } from "./program.js";
import { until } from "./until.js";

/** The parts of the demo as docs/operator.md starts them. */
describe("the parts, started by hand", function () {
  this.timeout(120_000);
  before(assertBuilt);
  let folder: string;
  let running: Program[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-hand-"));
    running = [];
  });

  afterEach(async function () {
    for (const program of running) await program.stop();
    if (this.currentTest?.state === "failed")
      for (const program of running) process.stderr.write(program.report());
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(args: readonly string[]): Promise<Program> {
    const program = new Program(args);
    running.unshift(program);
    await until(() => program.stdout.includes('"ready":true') || undefined, {
      what: args.join(" "),
    });
    return program;
  }

  it("mine on the test pool, take faults by name and give the pool's figures at the end", async () => {
    const wires = join(folder, "wires");
    const pool = await start([
      ...["virtual", "pool", "--port", "0", "--difficulty", "16", "--json"],
      ...["--transcript", join(folder, "lines.txt")],
    ]);
    const { url } = JSON.parse(pool.stdout) as { url: string };
    await start(["virtual", "--machine", "bitaxe-gamma", "--listen", wires, "--json"]);
    const config = join(folder, "config.json");
    const options = {
      ...{ machine: "bitaxe-gamma", controlBoard: "virtual", deviceDir: wires, network: "virtual" },
      ...{ ticketDifficulty: 16, pools: [{ url, user: "account.worker" }] },
    };
    writeFileSync(config, JSON.stringify(options));
    const data = join(folder, "data");
    running.unshift(new Program(["run", "--config", config, "--data", data]));
    const accepted = async (): Promise<number> => {
      const { exitCode, stdout } = await headframe(["status", "--data", data, "--json"]);
      return exitCode === 0
        ? (JSON.parse(stdout) as { pool: { accepted: number } }).pool.accepted
        : 0;
    };
    await until(async () => (await accepted()) > 0 || undefined, { what: "a share is accepted" });

    const ask = (...words: string[]): ReturnType<typeof headframe> =>
      headframe(["virtual", "ask", ...words, "--listen", wires, "--json"]);
    const hung = await ask("fault", "name=chipHung", "chain=0", "chip=0");
    deepEqual([hung.exitCode, hung.stderr], [0, ""]);
    match((await ask("state")).stdout, /"chipHung"/);
    const wrong = await ask("fault", "name=chipHung", "chain=0", "chip=1");
    equal(wrong.exitCode, 1);
    match(wrong.stderr, /VIRTUAL_REQUEST_INVALID.*"expected":"0\.\.0"/);
    equal((await ask("clear")).exitCode, 0);

    for (const program of running) equal(await program.stop(), 0);
    const figures = JSON.parse(pool.stdout.trim().split("\n").at(-1)!) as Record<string, number>;
    ok(figures["accepted"]! > 0);
    equal(figures["rejected"], 0);
  });

  it("refuse a port that is taken, by its number", async () => {
    const pool = await start(["virtual", "pool", "--port", "0", "--json"]);
    const { url } = JSON.parse(pool.stdout) as { url: string };
    const port = new URL(url).port;
    const { exitCode, stderr } = await headframe(["virtual", "pool", "--port", port, "--json"]);
    equal(exitCode, 1);
    match(stderr, new RegExp(`VIRTUAL_LISTEN_FAILED.*"port":${port}`));
  });

  it("end with the demo that started them, also when it is killed", async () => {
    const demo = new Program(["demo", "--machine", "bitaxe-gamma"]);
    running.unshift(demo);
    const files = await until(() => /files in (\S+)/.exec(demo.stderr)?.[1], {
      what: "the demo starts",
    });
    const data = join(files, "data");
    const answers = async (): Promise<boolean> =>
      (await headframe(["status", "--data", data])).exitCode === 0;
    await until(async () => (await answers()) || undefined, { what: "the controller answers" });
    await demo.kill();
    await until(async () => !(await answers()) || undefined, { what: "the controller ends" });
    rmSync(files, { recursive: true, force: true });
  });
});
