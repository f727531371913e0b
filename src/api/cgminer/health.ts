import { ERROR_TABLE } from "../../lib/errors.js";
import { findingText } from "../../lib/finding.js";
import type { ErrorSnapshot } from "../../telemetry/error-snapshot.js";
import type { Snapshot } from "../../telemetry/snapshot.js";

const CLASSES = ["rate", "network", "fans", "temp"] as const;
type HealthClass = (typeof CLASSES)[number];

/** The four lights of a stock machine: s good, w warning, e error. */
export type Health = readonly {
  readonly type: HealthClass;
  readonly status: "s" | "w" | "e";
  readonly code: number;
  readonly msg: string;
}[];

/** By the area that the code begins with; whatever else costs hash rate. */
const CLASS_OF: readonly (readonly [RegExp, HealthClass])[] = [
  [/^FAN_/, "fans"],
  [/^(POOL|CREDIT|MQTT)_/, "network"],
  [/TEMP|SENSOR|HOT|^COOLING_/, "temp"],
];

/** What holds now, the first of each class. */
export function healthOf({ state, troubles, trips, credit, pool }: Snapshot): Health {
  const found: readonly ErrorSnapshot[] = [
    ...(state.error === null ? [] : [state.error]),
    ...trips,
    ...troubles,
    ...credit.flatMap(({ alarms, pool: name }) =>
      alarms.map(({ code }) => ({ code, context: { pool: name } })),
    ),
    ...(pool.lastError === null || pool.state === "ready" ? [] : [pool.lastError]),
  ];
  return CLASSES.map((type) => {
    const first = found.find(({ code }) => classOf(code) === type);
    if (first === undefined) return { type, status: "s", code: 0, msg: "" };
    const isFault = ERROR_TABLE[first.code].severity !== "warning";
    return { type, status: isFault ? "e" : "w", code: 1, msg: findingText(first) };
  });
}

function classOf(code: string): HealthClass {
  return CLASS_OF.find(([pattern]) => pattern.test(code))?.[1] ?? "rate";
}
