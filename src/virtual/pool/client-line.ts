/** A line from a miner. */
export type ClientLine =
  | {
      readonly is: "request";
      readonly id: number;
      readonly method: string;
      readonly params: readonly unknown[];
    }
  /** An answer to something the pool asked, such as `client.get_version`. */
  | { readonly is: "response" }
  /** Anything a strict pool closes the connection for. */
  | { readonly is: "invalid" };

const INVALID: ClientLine = { is: "invalid" };

/**
 * Reads a line as strictly as the strictest pool known does (documented: DATUM): an object whose id
 * is an integer and whose params are an array.
 */
export function parseClientLine(line: string): ClientLine {
  const message = parseObject(line);
  if (message === undefined) return INVALID;
  const { id, method, params } = message;
  if (method === undefined) return "result" in message ? { is: "response" } : INVALID;
  if (typeof method !== "string" || !Array.isArray(params)) return INVALID;
  if (typeof id !== "number" || !Number.isInteger(id)) return INVALID;
  return { is: "request", id, method, params };
}

interface Message {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
}

function parseObject(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    // Not JSON is one of the expected outcomes.
    return undefined;
  }
}
