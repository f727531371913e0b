import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeAuthority } from "../../certificates.js";
import { PlainBroker } from "../../plain-broker.js";
import { usageOf } from "../process-usage.js";
import type { Bench, Row } from "../rows.js";
import { memoryOfOne, RunningFleet } from "../running-fleet.js";

const MINERS = 1000;
const QUICK_MINERS = 100;
/** What the last ones retain is with the broker by then. */
const REST_MS = 8000;

/** Of miners and broker, once all are connected. */
interface Cost {
  readonly oneMb: number;
  readonly minersMb: number;
  readonly minersCpuS: number;
  readonly brokerMb: number;
  readonly brokerCpuS: number;
  readonly processes: number;
  readonly seconds: number;
}

/** What TLS 1.3 with client certificates costs miners and a broker, against the same without. */
export const fleetTls: Bench = {
  name: "fleet-tls",
  run: async ({ isQuick, say }) => {
    const miners = isQuick ? QUICK_MINERS : MINERS;
    const folder = mkdtempSync(join(tmpdir(), "headframe-tls-"));
    try {
      const { brokerLines, minerFlags } = await certificates(folder);
      say(`fleet-tls: ${String(miners)} miners without TLS`);
      const plain = await costOf(miners, [], []);
      say(`fleet-tls: ${String(miners)} miners with TLS`);
      const secret = await costOf(miners, brokerLines, minerFlags);
      return rowsOf(miners, plain, secret);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** P-256, as docs/fleet has them; all miners share one here, which costs each as much as its own. */
async function certificates(folder: string) {
  const authority = await makeAuthority();
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o644 });
    return join(folder, name);
  };
  const ca = file("ca.pem", authority.certPem);
  const filesOf = (
    { certPem, keyPem }: { readonly certPem: string; readonly keyPem: string },
    of: string,
  ) => ({
    cert: file(`${of}.pem`, certPem),
    key: file(`${of}.key`, keyPem),
  });
  const broker = filesOf(await authority.issue({ ips: ["127.0.0.1"] }), "broker");
  const miner = filesOf(await authority.issue({ commonName: "miners" }), "miner");
  return {
    brokerLines: [
      ...[`cafile ${ca}`, `certfile ${broker.cert}`, `keyfile ${broker.key}`],
      "require_certificate true",
    ],
    minerFlags: ["--ca", ca, "--cert", miner.cert, "--key", miner.key],
  };
}

async function costOf(
  miners: number,
  brokerLines: readonly string[],
  minerFlags: readonly string[],
): Promise<Cost> {
  const broker = await PlainBroker.start(brokerLines);
  const url = brokerLines.length > 0 ? broker.url.replace("mqtt:", "mqtts:") : broker.url;
  try {
    const oneMb = await memoryOfOne(url, minerFlags);
    const running = new RunningFleet(url, miners, minerFlags);
    try {
      const seconds = await running.until(({ connected }) => connected === miners);
      await sleep(REST_MS);
      const { cpuNs, rssMb: brokerMb } = usageOf(broker.pid);
      const { rssMb: minersMb, cpuS: minersCpuS, processes } = running.report;
      const brokerCpuS = Number(cpuNs) / 1e9;
      return { ...{ oneMb, minersMb, minersCpuS, brokerMb, brokerCpuS }, processes, seconds };
    } finally {
      await running.stop();
    }
  } finally {
    await broker.stop();
  }
}

function rowsOf(miners: number, plain: Cost, secret: Cost): readonly Row[] {
  const note = `${String(miners)} miners in ${String(secret.processes)} processes, more than without TLS`;
  const row = (name: string, pick: (cost: Cost) => number, each: number, unit: string): Row => ({
    ...{ name: `fleet-tls.${name}`, figure: ((pick(secret) - pick(plain)) * each) / miners, unit },
    note: `${note}: ${pick(secret).toFixed(1)} and ${pick(plain).toFixed(1)} in all`,
  });
  return [
    {
      ...{ name: "fleet-tls.one-miner", figure: secret.oneMb - plain.oneMb, unit: "MB" },
      note: `a process with one: ${secret.oneMb.toFixed(1)} and ${plain.oneMb.toFixed(1)}`,
    },
    row("miner.memory", ({ minersMb }) => minersMb, 1024, "KB each"),
    row("miner.connect", ({ minersCpuS }) => minersCpuS, 1000, "ms of a core each"),
    row("broker.memory", ({ brokerMb }) => brokerMb, 1024, "KB each"),
    row("broker.connect", ({ brokerCpuS }) => brokerCpuS, 1000, "ms of a core each"),
    { name: "fleet-tls.connect", figure: secret.seconds, unit: "s", note: "all, 500 a second" },
  ];
}
