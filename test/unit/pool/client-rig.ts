import { MAINNET } from "../../../src/bitcoin/network.js";
import { ManualClock } from "../../../src/lib/clock.js";
import type { MinerError } from "../../../src/lib/errors.js";
import {
  type PoolJob,
  type PoolNotice,
  type PoolState,
  type ShareOutcome,
  type ShareSubmission,
  keySource,
} from "../../../src/pool/pool-client.js";
import { StratumV1Client } from "../../../src/pool/stratum-v1/stratum-v1-client.js";
import type { StratumV1Options } from "../../../src/pool/stratum-v1/stratum-v1-options.js";
import { makeOpenLink } from "../../../src/pool/transport/stream-link.js";
import { type PoolPeer, ScriptedPool, notifyParams } from "./scripted-pool.js";

export const USER = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT.t1";
export const PASSWORD = "correct horse battery";

/** A client and a scripted pool on real TCP, with time that stands still. */
export class ClientRig {
  readonly clock = new ManualClock();
  readonly jobs: PoolJob[] = [];
  readonly notices: PoolNotice[] = [];
  readonly errors: MinerError[] = [];
  readonly states: PoolState[] = [];
  readonly outcomes: ShareOutcome[] = [];
  /** Times that there was work and then none. */
  idles = 0;
  pool: ScriptedPool;
  readonly client: StratumV1Client;

  private constructor(pool: ScriptedPool, overrides: Partial<StratumV1Options>, urlEnd: string) {
    this.pool = pool;
    this.client = new StratumV1Client({
      url: pool.url + urlEnd,
      user: USER,
      password: PASSWORD,
      agent: "headframe/0.0.0",
      network: MAINNET,
      clock: this.clock,
      nextKey: keySource(),
      random: () => 0,
      openLink: makeOpenLink({}),
      ...overrides,
    });
    this.client.on("job", (job) => this.jobs.push(job));
    this.client.on("notice", (notice) => this.notices.push(notice));
    this.client.on("shareOutcome", (_, outcome) => this.outcomes.push(outcome));
    this.client.on("state", (state, error) => {
      if (this.states.at(-1) === "ready") this.idles += 1;
      this.states.push(state);
      if (error !== undefined) this.errors.push(error);
    });
  }

  static async start(
    overrides: Partial<StratumV1Options> = {},
    urlEnd = "",
    pool?: ScriptedPool,
  ): Promise<ClientRig> {
    const rig = new ClientRig(pool ?? (await ScriptedPool.listen()), overrides, urlEnd);
    rig.client.start();
    return rig;
  }

  /** Another pool at the port of one that was closed. */
  async reopen(port: number): Promise<void> {
    this.pool = await ScriptedPool.listen(port);
  }

  /** As `start`, with the session open and job "1" at difficulty 16 announced. */
  static async mining(
    terms: Parameters<PoolPeer["welcome"]>[0] = {},
  ): Promise<{ rig: ClientRig; peer: PoolPeer }> {
    const rig = await ClientRig.start();
    const peer = await rig.pool.accept();
    await peer.welcome(terms);
    peer.notify("mining.set_difficulty", 16);
    peer.notify("mining.notify", ...notifyParams("1", { clean: true }));
    await peer.settled();
    return { rig, peer };
  }

  get job(): PoolJob {
    const job = this.jobs.at(-1);
    if (job === undefined) throw new Error("no job was announced");
    return job;
  }

  /** A share of the newest job that the client has no reason to drop. */
  share(overrides: Partial<ShareSubmission> = {}, job = this.job): ShareSubmission {
    return {
      jobKey: job.key,
      poolKey: job.poolKey,
      sessionKey: job.sessionKey,
      extranonce2: new Uint8Array(job.extranonce2Size),
      ntime: job.ntime,
      nonce: 0x01b9d256,
      version: job.version,
      ...overrides,
    };
  }

  /** Resolves when the client next enters `state`, or at once when it is there. */
  async until(state: PoolState): Promise<void> {
    if (this.client.snapshot().state === state) return;
    await new Promise<void>((resolve) => {
      const off = this.client.on("state", (now) => {
        if (now !== state) return;
        off();
        resolve();
      });
    });
  }

  close(): void {
    this.client.stop();
    this.pool.close();
  }
}
