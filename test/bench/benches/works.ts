import { fastest, instructionsPer } from "../native-bench.js";
import type { Bench } from "../rows.js";

const JOBS = [
  { name: "small", coinbaseBytes: 250, branches: 12 },
  { name: "large", coinbaseBytes: 16_384, branches: 12 },
] as const;

/** Cost of a work from the job template to the frame for the chips. */
export const works: Bench = {
  name: "works",
  run: ({ isQuick, say }) =>
    JOBS.flatMap(({ name, coinbaseBytes, branches }) => {
      say(`works from a coinbase of ${String(coinbaseBytes)} bytes`);
      const argumentsOf = (count: number): string[] => {
        return ["work", String(coinbaseBytes), String(branches), String(count)];
      };
      const about = `coinbase of ${String(coinbaseBytes)} bytes, ${String(branches)} branches`;
      const counted = instructionsPer(...argumentsOf(isQuick ? 10 : 100));
      const { count, ns, hash } = fastest(5, ...argumentsOf(isQuick ? 500 : 5000));
      return [
        {
          name: `works.instructions.${name}`,
          figure: counted.instructions,
          unit: "instructions/work",
          note: `${about}, hashed by ${counted.hash} as valgrind's CPU can`,
        },
        {
          name: `works.rate.${name}`,
          figure: (count / ns) * 1e9,
          unit: "works/s a core",
          note: `${about}, hashed by ${hash}`,
        },
      ];
    }),
};
