import { MAINNET } from "../../../../src/bitcoin/network.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { MinerError } from "../../../../src/lib/errors.js";
import {
  type PoolJob,
  type PoolTimeouts,
  type ShareSubmission,
  keySource,
} from "../../../../src/pool/pool-client.js";
import type { PoolSettings } from "../../../../src/pool/pool-settings.js";
import { FakeClient, FakePool } from "./fake-pool.js";

/** A clock that knows what still waits. */
class CountingClock extends ManualClock {
  waiting = 0;

  override after(ms: number, callback: () => void): () => void {
    let isOver = false;
    this.waiting += 1;
    const finish = (): void => {
      if (isOver) return;
      isOver = true;
      this.waiting -= 1;
    };
    const cancel = super.after(ms, () => {
      finish();
      callback();
    });
    return () => {
      finish();
      cancel();
    };
  }
}

/** Pools by name, and the clients that are made for them. */
export class FakeWorld {
  readonly clock = new CountingClock();
  readonly nextKey = keySource();
  readonly clients: FakeClient[] = [];
  readonly #pools = new Map<string, FakePool>();

  pool(name: string): FakePool {
    const known = this.#pools.get(name);
    if (known !== undefined) return known;
    const pool = new FakePool(name);
    this.#pools.set(name, pool);
    return pool;
  }

  /** The url names the pool; so two settings may lead to one pool. */
  createClient(settings: PoolSettings, timeouts: PoolTimeouts): FakeClient {
    if (settings.url === "bad") throw new MinerError("POOL_URL_INVALID", { field: "url" });
    const pool = this.pool(settings.url);
    const client = new FakeClient(settings, pool, this.clock, this.nextKey, timeouts);
    this.clients.push(client);
    return client;
  }
}

export function poolSettings(name: string, changes: Partial<PoolSettings> = {}): PoolSettings {
  return {
    ...{ name, url: name, user: "account.worker", password: "x", network: MAINNET, group: "main" },
    ...{ tls: { verify: true, caFile: undefined, pins: [] }, proxy: undefined },
    ...{ redirectHosts: [], suggestDifficulty: undefined },
    ...changes,
  };
}

/** A share that the client has no reason to drop. */
export function shareOf(job: PoolJob, nonce = 0): ShareSubmission {
  const { key: jobKey, poolKey, sessionKey, ntime, version } = job;
  return { jobKey, poolKey, sessionKey, extranonce2: new Uint8Array(8), ntime, nonce, version };
}
