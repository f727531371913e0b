import type { ParameterSpec } from "../../fault-parameters.js";

/** Parameters that several faults have. */
export const AFTER_SHARES: ParameterSpec = {
  meaning: "Submits that still find the pool healthy; 0 for at once.",
  minimum: 0,
  maximum: 1e9,
  fallback: 0,
};

export const EVERY_MS: ParameterSpec = {
  meaning: "Milliseconds from one to the next.",
  minimum: 1,
  maximum: 3_600_000,
  fallback: 1000,
};

export const PER_S: ParameterSpec = {
  meaning: "How many a second.",
  minimum: 0.01,
  maximum: 1000,
  fallback: 50,
};
