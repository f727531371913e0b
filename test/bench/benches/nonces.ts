import { fastest, instructionsPer } from "../native-bench.js";
import { atMost, type Bench, type Row } from "../rows.js";
import { capturedNonce } from "./captured-nonces.js";

const CLASSES = ["share", "duplicate", "hardwareError"] as const;
const NONCES_PER_S = 2000;
const CPU_SHARE_LIMIT_PCT = 20;

/** Cost of a nonce from its bytes to its verdict, on one chain thread. */
export const nonces: Bench = {
  name: "nonces",
  run: ({ isQuick, say }) => {
    const { id, chip, jobFrame, responseFrame } = capturedNonce();
    const argumentsOf = (kind: string, count: number): string[] => {
      return ["nonce", kind, String(count), chip, jobFrame, responseFrame];
    };
    const rows: Row[] = CLASSES.map((kind) => {
      say(`instructions per nonce: ${kind}`);
      const counted = instructionsPer(...argumentsOf(kind, isQuick ? 100 : 1000));
      return {
        name: `nonces.instructions.${kind}`,
        figure: counted.instructions,
        unit: "instructions/nonce",
        note: `${id}, hashed by ${counted.hash} as valgrind's CPU can`,
      };
    });
    const { count, ns, hash } = fastest(5, ...argumentsOf("share", isQuick ? 20_000 : 200_000));
    const perS = (count / ns) * 1e9;
    rows.push(
      { name: "nonces.rate", figure: perS, unit: "nonces/s a core", note: `hashed by ${hash}` },
      {
        name: "nonces.cpu-at-2000",
        figure: (NONCES_PER_S / perS) * 100,
        unit: "% of a core",
        limit: atMost(CPU_SHARE_LIMIT_PCT),
        note: "bytes to verdict alone, from nonces.rate; the whole controller: see nonce-rate",
      },
    );
    return rows;
  },
};
