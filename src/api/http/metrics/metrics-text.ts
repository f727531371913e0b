import type { Family, Sample } from "./metric-families.js";

export type MetricsFormat = "prometheus" | "openmetrics";

/**
 * Documented: Prometheus exposition format 0.0.4, OpenMetrics 1.0. A sample that nobody knows is left out, and a family
 * without samples too.
 */
export function metricsText(families: readonly Family[], format: MetricsFormat): string {
  const texts = families.map((family) => familyText(family, format));
  return texts.join("") + (format === "openmetrics" ? "# EOF\n" : "");
}

function familyText(family: Family, format: MetricsFormat): string {
  const { name, type, help, unit, samples } = family;
  const known = samples.filter(isKnown);
  if (known.length === 0) return "";
  const ending = { gauge: "", counter: "_total", info: "_info" }[type];
  const lines = known.map(([value, labels = {}]) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(String(text))}"`);
    return `${name}${ending}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${String(value)}\n`;
  });
  const head =
    format === "openmetrics"
      ? [
          `# TYPE ${name} ${type}\n`,
          ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}\n`]),
          `# HELP ${name} ${help}\n`,
        ]
      : [
          `# HELP ${name}${ending} ${help}\n`,
          `# TYPE ${name}${ending} ${type === "info" ? "gauge" : type}\n`,
        ];
  return [...head, ...lines].join("");
}

function isKnown([value]: Sample): boolean {
  return typeof value === "number" && Number.isFinite(value);
}

function escaped(text: string): string {
  return text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}
