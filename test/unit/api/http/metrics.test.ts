import { deepEqual, equal, match, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { metricFamilies } from "../../../../src/api/http/metrics/metric-families.js";
import { metricsAnswer } from "../../../../src/api/http/metrics/metrics-answer.js";
import { metricsText } from "../../../../src/api/http/metrics/metrics-text.js";
import type { Snapshot } from "../../../../src/telemetry/snapshot.js";
import { chain, pool, snapshot } from "../../commands/watch-snapshot.js";
import { vectors } from "../mqtt/vectors.js";

interface MetricsCase {
  readonly id: "text" | "openmetrics";
  readonly accept: string;
  readonly content_type: string;
  readonly body: string;
}

/** What is known of a family of the vectors and of ours. */
interface Parsed {
  readonly type: string | undefined;
  readonly unit: string | undefined;
  readonly samples: readonly { readonly name: string; readonly labels: readonly string[] }[];
}

const COUNTED = { energy: { measuredJ: 7000, estimatedJ: 500.5, unknownS: 9 }, blocksFound: 2 };
const FACTS = { mac: "02:00:5e:10:00:01", nowUnixMs: 1_767_225_600_000 };

describe("metrics", () => {
  const SNAPSHOT = snapshot(
    [chain(0, [100, 101]), chain(1, [100, 0])],
    [pool('a "quoted"\\pool', { lastAcceptedAgoS: 3, state: "ready" }), pool("second")],
    {
      lifetime: { ...snapshot([], []).lifetime, verifiedDifficulty: 1000, ...COUNTED },
      troubles: [
        { code: "FAN_MISSING", context: { fan: 2 } },
        { code: "CHAIN_CRC_STORM", context: { slot: 1 } },
        { code: "CHAIN_CRC_STORM", context: { slot: 1, again: true } },
      ],
    } as Partial<Snapshot>,
  );

  for (const each of vectors<MetricsCase>("prometheus").cases)
    it(`have the names, types, units and labels of the vector ${each.id}`, async () => {
      const answer = metricsAnswer(SNAPSHOT, FACTS, each.accept);
      equal(answer.headers.get("content-type"), each.content_type);
      const ours = parsed(await answer.text());
      const theirs = parsed(each.body);
      deepEqual([...ours.keys()], [...theirs.keys()]);
      for (const [name, { type, unit, samples }] of ours) {
        const expected = theirs.get(name);
        deepEqual([type, unit], [expected?.type, expected?.unit], name);
        const labels = new Set(expected?.samples.flatMap((sample) => sample.labels));
        for (const sample of samples) {
          equal(sample.name, expected?.samples[0]?.name);
          ok(
            sample.labels.every((label) => labels.has(label)),
            `${name}: ${sample.labels.join()}`,
          );
        }
      }
    });

  it("are the figures of the snapshot", () => {
    const text = metricsText(metricFamilies(SNAPSHOT, FACTS), "prometheus");
    const has = (line: string): void => {
      ok(text.split("\n").includes(line), line);
    };
    has("miner_hashrate_hashes_per_second 10000000000000");
    has('miner_state{state="mining"} 1');
    has("miner_start_time_seconds 1767221875");
    has("miner_hashes_total 4294967296000");
    has("miner_energy_joules_total 7500.5");
    has("miner_blocks_found_total 2");
    has('miner_board_chips{board="1"} 2');
    has('miner_board_frequency_hertz{board="0"} 500000000');
    has('miner_board_voltage_volts{board="0"} 13.19');
    has('miner_board_temperature_celsius{board="0",kind="pcb",sensor="outlet"} 48.25');
    has('miner_fan_rpm{fan="1"} 6001');
    has("miner_fan_duty_ratio 1");
    has("miner_power_watts 2712.4");
    has('miner_pool_up{pool="0"} 1');
    has('miner_pool_last_share_timestamp_seconds{pool="0"} 1767225597');
    has('miner_fault_active{code="CHAIN_CRC_STORM",board="1"} 1');
    has('miner_fault_active{code="FAN_MISSING"} 1');
  });

  it("leave out what nobody knows, and are never NaN", () => {
    const unknown = {
      ...{ powerW: { value: null, ageS: null, evidence: "none" }, rail: null, temperatures: [] },
      nominalThs: NaN,
    } as unknown as Partial<Snapshot>;
    const blind = { ...SNAPSHOT, ...unknown };
    const text = metricsText(metricFamilies(blind, { ...FACTS, mac: undefined }), "openmetrics");
    for (const name of ["power_watts", "voltage_volts", "temperature_celsius", "ideal", "mac="])
      ok(!text.includes(name), name);
    ok(!/NaN|null|undefined|Infinity/.test(text));
    match(text, /\n# EOF\n$/);
  });

  it("write names of others so that no line breaks", () => {
    const hostile = pool('x"} 1\nminer_up 1\\', {});
    const text = metricsText(
      metricFamilies(
        { ...SNAPSHOT, poolGroups: [{ ...SNAPSHOT.poolGroups[0]!, pools: [hostile] }] },
        FACTS,
      ),
      "prometheus",
    );
    ok(!text.split("\n").some((line) => line.startsWith("miner_up")));
    ok(text.includes(String.raw`url="stratum+tcp://x\"} 1\nminer_up 1\\:3333"`));
  });

  it("pass promtool, where Debian's prometheus is installed", function () {
    const text = metricsText(metricFamilies(SNAPSHOT, FACTS), "prometheus");
    const tool = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
    if (tool.error !== undefined) {
      this.test!.title += " (skipped: promtool is not installed)";
      this.skip();
    }
    deepEqual([tool.status, tool.stderr], [0, ""]);
  });
});

function parsed(text: string): ReadonlyMap<string, Parsed> {
  const families = new Map<string, { -readonly [Key in keyof Parsed]: Parsed[Key] }>();
  const at = (name: string) => {
    const family = families.get(name) ?? { type: undefined, unit: undefined, samples: [] };
    families.set(name, family);
    return family;
  };
  let current = "";
  for (const line of text.trimEnd().split("\n")) {
    const [, kind, name = "", rest = ""] = /^# (TYPE|UNIT|HELP) (\S+) ?(.*)$/.exec(line) ?? [];
    if (kind !== undefined) {
      current = name;
      if (kind === "TYPE") at(name).type = rest;
      if (kind === "UNIT") at(name).unit = rest;
    } else if (line !== "# EOF") {
      const [, sample = "", labels = ""] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
      const names = [...labels.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)].map(([, label = ""]) => label);
      const family = at(current);
      family.samples = [...family.samples, { name: sample, labels: names }];
    }
  }
  return families;
}
