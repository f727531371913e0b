import type { Snapshot } from "../../../telemetry/snapshot.js";
import { metricFamilies, type MetricFacts } from "./metric-families.js";
import { metricsText, type MetricsFormat } from "./metrics-text.js";

const TYPES: Readonly<Record<MetricsFormat, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** @param accept as the scraper sent it */
export function metricsAnswer(
  snapshot: Snapshot,
  facts: MetricFacts,
  accept: string | undefined,
): Response {
  const wantsOpen = /application\/openmetrics-text/i.test(accept ?? "");
  const format = wantsOpen ? "openmetrics" : "prometheus";
  const text = metricsText(metricFamilies(snapshot, facts), format);
  return new Response(text, { headers: { "Content-Type": TYPES[format] } });
}
