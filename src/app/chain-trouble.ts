import type { ChainPort } from "../hal/chain-port.js";
import { isMinerError, MinerError } from "../lib/errors.js";

/** Aborts with LINK_HUNG_UP or CHAIN_DEAD_MAN when the chain thread tells so; the returned function unhooks it. */
export function hookTrouble(port: ChainPort, trouble: AbortController): () => void {
  const unhooks = [
    port.events.on("linkDown", () => {
      trouble.abort(new MinerError("LINK_HUNG_UP", { chain: port.name }));
    }),
    port.events.on("deadMan", () => {
      trouble.abort(new MinerError("CHAIN_DEAD_MAN", { chain: port.name }));
    }),
  ];
  return () => {
    for (const unhook of unhooks) unhook();
  };
}

/** Why a chain ended, as an error of the table. */
export function failureOf({ name }: ChainPort, cause: unknown): MinerError {
  if (isMinerError(cause)) return cause;
  return new MinerError("INTERNAL", { chain: name, reason: String(cause) }, { cause });
}
