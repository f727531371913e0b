/** What benches need of a line between pool and miner. */
export interface PoolLine {
  readonly method?: string;
  readonly params: readonly string[];
}

/**
 * Previous hashes in header order by the pool's job id, from a transcript of a test pool. On the wire the bytes of
 * each word are backwards.
 */
export function prevhashesOf(transcript: readonly string[]): ReadonlyMap<string, string> {
  const prevhashes = new Map<string, string>();
  for (const line of transcript) {
    const message = JSON.parse(line.slice(line.indexOf("{"))) as PoolLine;
    if (message.method !== "mining.notify") continue;
    const [jobId = "", prevhash = ""] = message.params;
    prevhashes.set(jobId, Buffer.from(prevhash, "hex").swap32().toString("hex"));
  }
  return prevhashes;
}
