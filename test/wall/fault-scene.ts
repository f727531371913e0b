import type { Row } from "./row.js";
import type { Scene } from "./scene.js";

/** The scene of a row that is nothing but faults of the primary. */
export function faultScene({ faults = [], when, healsBy }: Row): Scene {
  return {
    disturb: async ({ primary }) => {
      for (const fault of faults) await primary.fault(fault);
      if (when === "newSession") primary.dropConnections();
    },
    heal: async ({ primary }) => {
      await primary.clear();
      if (healsBy === "restart") primary.dropConnections();
    },
  };
}
