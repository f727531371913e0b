import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../free-port.js";
import { until } from "./until.js";

const ANSWER_MS = 2000;

export function hasPrometheus(): boolean {
  return spawnSync("prometheus", ["--version"]).error === undefined;
}

/** A real Prometheus takes what the machine tells. */
export async function assertScraped(port: number, authorization: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "headframe-prometheus-"));
  const job = {
    ...{ job_name: "miners", scrape_interval: "1s", scrape_timeout: "1s" },
    authorization: { credentials: authorization.replace("Bearer ", "") },
    static_configs: [{ targets: [`127.0.0.1:${port}`] }],
  };
  // JSON is YAML.
  writeFileSync(join(folder, "prometheus.yml"), JSON.stringify({ scrape_configs: [job] }));
  execFileSync("promtool", ["check", "config", join(folder, "prometheus.yml")]);
  const own = await freePort();
  const server = spawn("prometheus", [
    `--config.file=${join(folder, "prometheus.yml")}`,
    ...[`--storage.tsdb.path=${join(folder, "data")}`, `--web.listen-address=127.0.0.1:${own}`],
  ]);
  const ended = once(server, "close");
  try {
    await until(
      async () => {
        const query = `http://127.0.0.1:${own}/api/v1/query?query=miner_hashes_total`;
        const signal = AbortSignal.timeout(ANSWER_MS);
        const reply = await fetch(query, { signal }).catch(() => undefined);
        // It says so while it starts.
        if (reply?.ok !== true) return undefined;
        const { data } = (await reply.json()) as { data?: { result: unknown[] } };
        return data?.result[0];
      },
      { what: "Prometheus has scraped the machine" },
    );
  } finally {
    server.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}
