import { deepEqual, ok } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { infoMessage } from "../../../src/api/mqtt/info.js";
import { tele } from "../../../src/api/mqtt/render.js";
import { MODES } from "../../../src/telemetry/mode.js";
import type { Snapshot } from "../../../src/telemetry/snapshot.js";
import { chain, pool, snapshot } from "../commands/watch-snapshot.js";

const STACK = new URL("../../../docs/fleet/stack/", import.meta.url);
const SNAPSHOT = snapshot([chain(0, [1]), chain(1, [2])], [pool("first")], {
  troubles: [{ code: "FAN_MISSING" }] as unknown as Snapshot["troubles"],
});
const MESSAGES: Readonly<Record<string, object>> = {
  tele: tele(SNAPSHOT, { unixMs: 1, boot: "b", seq: 1 }),
  status: { state: "online" },
  info: infoMessage(SNAPSHOT, {
    ...{ id: "a", program: "headframe", net: { mac: undefined, ip: undefined }, commands: [] },
    ...{ key: { id: "k", publicPem: "p" }, place: { rack: "r" }, groups: [], revision: "r" },
  }),
};

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}

interface Dashboard {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
}

function text(name: string): string {
  return readFileSync(new URL(name, STACK), "utf8");
}

/** What Telegraf's configuration takes of which message, and what it calls it. */
function telegraf(): { readonly paths: readonly (readonly [string, string])[]; metrics: string[] } {
  const paths: (readonly [string, string])[] = [];
  const metrics: string[] = [];
  let [message, measurement, object, table] = ["", "", "", ""];
  for (const line of text("telegraf/telegraf.conf").split("\n")) {
    table = /^\s*\[+(.+?)\]+$/.exec(line)?.[1]?.split(".").at(-1) ?? table;
    const [, name = "", value = ""] = /^\s*(\w+) = "(.*)"$/.exec(line) ?? [];
    if (name === "topic") message = value.split("/").at(-1) ?? "";
    if (name === "measurement_name") measurement = value;
    if (name === "path" && table === "object") object = value;
    if (name === "path") paths.push([message, value]);
    if (table === "renames" && name !== "") {
      paths.push([message, `${object}.0.${name}`]);
      if (value !== "board") metrics.push(`${measurement}_${value}`);
    }
    if (table === "field" && name === "rename") metrics.push(`${measurement}_${value}`);
  }
  return { paths, metrics };
}

function at(message: object, path: string): unknown {
  const keys = path.split(".").map((key) => (key === "#" ? "length" : key));
  return keys.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], message);
}

/** Figures that an expression names. */
function named(expr: string): readonly string[] {
  return expr.match(/\bminer_\w+/g) ?? [];
}

/** Throws with what it says when it finds anything wrong. */
function promtool(...words: readonly string[]): void {
  execFileSync("promtool", words, { stdio: "pipe" });
}

describe("the example stack of a fleet", () => {
  const { paths, metrics } = telegraf();
  const rules = (parse(text("prometheus/alerts.yml")) as Rules).groups.flatMap(
    (group) => group.rules,
  );

  it("takes of the messages only what is in them", () => {
    const missing = paths.filter(([name, path]) => at(MESSAGES[name] ?? {}, path) === undefined);
    deepEqual(missing, []);
    ok(paths.length > 15);
  });

  it("knows all modes", () => {
    const listed = [...text("telegraf/telegraf.conf").matchAll(/^\s*(\w+) = \d$/gm)].map(
      ([, name]) => name,
    );
    for (const mode of MODES) ok(listed.includes(mode), mode);
  });

  it("watches and draws only figures that it makes", () => {
    const dashboard = JSON.parse(text("grafana/dashboards/miners.json")) as Dashboard;
    const drawn = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    const used = [...rules.map(({ expr }) => expr), ...drawn].flatMap(named);
    deepEqual(
      used.filter((name) => !metrics.includes(name)),
      [],
    );
    ok(drawn.length > 10 && rules.length > 5);
  });

  it("says with each alert what to do", () => {
    for (const { alert, annotations } of rules)
      ok(/^[A-Z][a-z]+[A-Z]/.test(alert) && annotations["action"] !== undefined, alert);
  });

  it("has rules that Prometheus takes, which alert when they should", () => {
    promtool("check", "config", fileURLToPath(new URL("prometheus/prometheus.yml", STACK)));
    promtool("test", "rules", fileURLToPath(new URL("fleet-alerts.yml", import.meta.url)));
  });

  it("draws what Prometheus can evaluate", () => {
    const dashboard = JSON.parse(text("grafana/dashboards/miners.json")) as Dashboard;
    const drawn = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    const drawnRules = drawn.map((expr, at) => ({ record: `drawn:${at}`, expr }));
    const groups = [{ name: "drawn", rules: drawnRules }];
    const folder = mkdtempSync(join(tmpdir(), "headframe-rules-"));
    try {
      writeFileSync(join(folder, "rules.yml"), JSON.stringify({ groups }));
      promtool("check", "rules", join(folder, "rules.yml"));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("is whole", () => {
    for (const name of readdirSync(STACK, { recursive: true, encoding: "utf8" }))
      if (/\.ya?ml$/.test(name)) ok(typeof parse(text(name)) === "object", name);
    const { services } = parse(text("compose.yaml")) as { services: object };
    deepEqual(Object.keys(services), ["mosquitto", "telegraf", "prometheus", "grafana"]);
  });
});
