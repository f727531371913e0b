import type * as z from "zod/mini";
import { MinerError } from "../../../lib/errors.js";
import { addToken, NamedToken, NewToken, removeToken, type TokenParts } from "./token-orders.js";

/** As the journal names whoever comes this way. */
const SOCKET = "control socket";

type Handlers = Readonly<Record<string, (params: unknown) => unknown>>;

/**
 * Tokens on the control socket: who may open it owns the data directory, and could as well read the code there with which the
 * first password is set. Each rejects with HTTP_NOT_STARTED where there is no HTTP, and CONTROL_REFUSED.
 */
export function tokenHandlers(find: () => TokenParts | undefined): Handlers {
  const parts = (): TokenParts => {
    const found = find();
    if (found !== undefined) return found;
    throw new MinerError("HTTP_NOT_STARTED", { reason: "http is not configured, or failed" });
  };
  return {
    "tokens.list": () => ({ tokens: parts().access.tokens }),
    "tokens.add": (params) =>
      addToken(parts(), judged(NewToken, params, "name, scope: read, operate, own"), SOCKET),
    "tokens.remove": (params) => removeToken(parts(), judged(NamedToken, params, "id"), SOCKET),
  };
}

function judged<Value>(schema: z.ZodMiniType<Value>, params: unknown, expected: string): Value {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  throw new MinerError("CONTROL_REFUSED", { method: "tokens", expected });
}
