import { parseArgs } from "node:util";
import { reportText } from "./report.js";
import { hashes } from "./benches/hashes.js";
import { clients } from "./benches/clients.js";
import { cooling } from "./benches/cooling.js";
import { curtail } from "./benches/curtail.js";
import { fleet } from "./benches/fleet.js";
import { fleetTls } from "./benches/fleet-tls.js";
import { guard } from "./benches/guard.js";
import { latency, stall } from "./benches/latency.js";
import { nodeCrypto } from "./benches/node-crypto.js";
import { nonceRate } from "./benches/nonce-rate.js";
import { nonces } from "./benches/nonces.js";
import { resources } from "./benches/resources.js";
import { poolSwitch } from "./benches/switch.js";
import { startUp } from "./benches/start-up.js";
import { wake } from "./benches/wake.js";
import { works } from "./benches/works.js";
import { machineFacts } from "./machine.js";
import { buildNativeBench } from "./native-bench.js";
import { holds, type Bench, type Row } from "./rows.js";

const BENCHES: readonly Bench[] = [
  ...[nonces, works, hashes, nodeCrypto],
  ...[latency, stall, poolSwitch, resources, nonceRate],
  ...[startUp, wake, curtail, guard, cooling, clients, fleet, fleetTls],
];

/** Exit status: 0 measured, 1 a bench could not run, 2 wrong usage. A figure that does not hold is no error. */
async function main(args: readonly string[]): Promise<number> {
  const values = flagsOf(args);
  if (values === undefined) return 2;
  const names = values.only?.split(",") ?? BENCHES.map(({ name }) => name);
  const unknown = names.find((name) => !BENCHES.some((bench) => bench.name === name));
  if (unknown !== undefined) {
    const known = BENCHES.map(({ name }) => name).join(", ");
    process.stderr.write(`bench: no bench ${unknown}; there are ${known}\n`);
    return 2;
  }
  const machine = machineFacts();
  const rows: Row[] = [];
  const failures: { bench: string; reason: string }[] = [];
  buildNativeBench();
  for (const bench of BENCHES.filter(({ name }) => names.includes(name))) {
    try {
      rows.push(...(await bench.run({ isQuick: values.quick, say })));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failures.push({ bench: bench.name, reason });
      say(`${bench.name} could not run: ${reason}`);
    }
  }
  const report = {
    machine,
    isQuick: values.quick,
    rows: rows.map((row) => ({ ...row, holds: holds(row) })),
    failures,
  };
  process.stdout.write(`${values.json ? JSON.stringify(report) : reportText(machine, rows)}\n`);
  return failures.length > 0 ? 1 : 0;
}

/** Undefined after saying what is wrong with them. */
function flagsOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: "boolean", default: false },
        only: { type: "string" },
        quick: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}

process.exitCode = await main(process.argv.slice(2));
