import { fastest, runNative } from "../native-bench.js";
import type { Bench } from "../rows.js";

interface Implementations {
  readonly implementations: readonly { readonly name: string; readonly lanes: number }[];
  /** The names of those in use for many headers and for one message. */
  readonly batch: string;
  readonly single: string;
}

/** Headers hashed by every implementation that this CPU can run. */
export const hashes: Bench = {
  name: "hashes",
  run: ({ isQuick, say }) => {
    const { implementations, batch, single } = runNative("hash") as Implementations;
    return implementations.map(({ name, lanes }) => {
      say(`hashes by ${name}`);
      const { count, ns } = fastest(5, "hash", name, isQuick ? "20" : "200");
      const uses = [name === batch && "in use for batches", name === single && "in use for nonces"];
      return {
        name: `hashes.${name}`,
        figure: (count / ns) * 1e9,
        unit: "headers/s a core",
        note: [`${String(lanes)} lanes`, ...uses.filter((use) => use !== false)].join(", "),
      };
    });
  },
};
