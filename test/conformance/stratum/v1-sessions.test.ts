import { deepEqual, equal, ok } from "node:assert/strict";
import { MAINNET } from "../../../src/bitcoin/network.js";
import { targetFromDifficulty } from "../../../src/bitcoin/target.js";
import { isMinerError } from "../../../src/lib/errors.js";
import { toHex } from "../../../src/lib/bytes.js";
import type { Endpoint, OpenLink } from "../../../src/pool/transport/link.js";
import { makeOpenLink } from "../../../src/pool/transport/stream-link.js";
import { loadVectors } from "../../fixtures/stratum/load-vectors.js";
import { ClientRig } from "../../unit/pool/client-rig.js";
import { type PoolPeer, ScriptedPool, notifyParams } from "../../unit/pool/scripted-pool.js";

interface ShareStep {
  readonly job: string;
  readonly difficulty: number;
  readonly version_bits?: string;
}

interface Step {
  readonly rx?: string;
  readonly value?: number;
  readonly job?: string;
  readonly clean?: boolean;
  readonly prevhash?: string;
  readonly coinb2?: string;
  readonly mask?: string;
  readonly configured_mask?: string;
  readonly share?: ShareStep;
  readonly expect?: unknown;
  readonly expect_working?: string;
  readonly expect_coinb2?: string;
  readonly host?: string | null;
  readonly port?: number | null;
  readonly wait?: number;
  readonly configured_host?: string;
  readonly expect_action?: string;
}

interface SessionCase {
  readonly id: string;
  readonly steps: readonly Step[];
}

/** Cases that are a list of lines and shares with what becomes of them. */
const PLAYED: readonly string[] = [
  "difficulty-sticks-to-jobs",
  "two-difficulties-before-one-job",
  "clean-jobs",
  "first-job-not-clean",
  "two-notifies-at-once",
  "same-id-new-content",
  "same-job-after-difficulty",
  "version-mask-change",
];

/** Cases told in words, each with a test of its own below. */
const TOLD: readonly string[] = [
  "configure-kills-connection",
  "authorize-false",
  "share-replies-out-of-order",
  "silence",
];

/** client.reconnect, judged by where the client goes next. */
const RECONNECTS: readonly string[] = [
  "reconnect-None-from-pool.example.com",
  "reconnect-eu.example.com-from-pool.example.com",
  "reconnect-evil.net-from-pool.example.com",
  "reconnect-pool.example.com.evil.net-from-pool.example.com",
  "reconnect-10.0.0.1-from-pool.example.com",
  "reconnect-192.0.2.8-from-192.0.2.7",
  "reconnect-192.0.2.7-from-192.0.2.7",
];

/** The words of the vectors for a share that is not sent. */
const DROPS: ReadonlyMap<string, string> = new Map([
  ["stale-job", "drop-stale"],
  ["version-mask", "drop-version"],
]);

const cases = loadVectors<SessionCase>("v1-sessions");

function steps(id: string): readonly Step[] {
  return cases.find((vector) => vector.id === id)?.steps ?? [];
}

/** Plays a case's lines and shares against a client that mines. */
class Player {
  readonly #rig: ClientRig;
  readonly #peer: PoolPeer;
  #nonce = 0;

  constructor(rig: ClientRig, peer: PoolPeer) {
    this.#rig = rig;
    this.#peer = peer;
  }

  async play(step: Step): Promise<void> {
    if (step.rx !== undefined) await this.#receive(step);
    if (step.share !== undefined) equal(await this.#submit(step.share), step.expect);
    if (step.expect_working !== undefined) equal(this.#rig.job.jobId, step.expect_working);
    if (step.expect_coinb2 !== undefined)
      equal(toHex(this.#rig.job.coinbaseSuffix), step.expect_coinb2);
  }

  async #receive(step: Step): Promise<void> {
    const { clean = false, prevhash = "A", coinb2 = "00" } = step;
    if (step.rx === "mining.set_difficulty") this.#peer.notify(step.rx, step.value);
    else if (step.rx === "mining.set_version_mask") this.#peer.notify(step.rx, step.mask);
    else if (step.rx === "mining.notify")
      this.#peer.notify(step.rx, ...notifyParams(step.job ?? "", { clean, prevhash, coinb2 }));
    else throw new TypeError(`no such step: ${String(step.rx)}`);
    await this.#peer.settled();
  }

  /** What becomes of a share: the comparison with the job's target is the finder's. */
  async #submit(step: ShareStep): Promise<string> {
    const job = this.#rig.jobs.findLast(({ jobId }) => jobId === step.job);
    if (job === undefined) throw new TypeError(`no job ${step.job}`);
    if (targetFromDifficulty(step.difficulty, MAINNET) > job.target) return "drop-low";
    const bits = Number.parseInt(step.version_bits ?? "0", 16);
    const nonce = ++this.#nonce;
    const outcome = this.#rig.client.submit(
      this.#rig.share({ nonce, version: job.version | bits }, job),
    );
    await this.#peer.settled();
    if (this.#peer.unread > 0) {
      const request = await this.#peer.next();
      equal(request.params?.[1], step.job);
      this.#peer.answer(request, true);
      deepEqual(await outcome, { result: "accepted" });
      return "submit";
    }
    const ended = await outcome;
    const reason = ended.result === "dropped" ? ended.reason : ended.result;
    return DROPS.get(reason) ?? reason;
  }
}

describe("Stratum V1 sessions (vectors v1-sessions)", () => {
  let rig: ClientRig;
  afterEach(() => {
    rig.close();
  });

  const open = async (mask: string): Promise<PoolPeer> => {
    rig = await ClientRig.start();
    const peer = await rig.pool.accept();
    await peer.welcome({ mask });
    await peer.settled();
    return peer;
  };

  for (const id of PLAYED)
    it(`plays ${id}`, async () => {
      const [first] = steps(id);
      const peer = await open(first?.configured_mask ?? "1fffe000");
      const player = new Player(rig, peer);
      for (const step of steps(id)) await player.play(step);
    });

  it("plays configure-kills-connection", async () => {
    rig = await ClientRig.start();
    const killed = await rig.pool.accept();
    equal((await killed.next()).method, "mining.configure");
    killed.close();
    equal((await (await rig.pool.accept()).next()).method, "mining.subscribe");
    equal(rig.clock.nowMs(), 0);
    equal(rig.client.health().failuresInARow, 0);
  });

  it("plays authorize-false", async () => {
    rig = await ClientRig.start();
    const peer = await rig.pool.accept();
    await peer.next();
    await peer.next();
    peer.answer(await peer.next(), false);
    await peer.closed;
    ok(isMinerError(rig.client.snapshot().lastError, "POOL_AUTH_REFUSED"));
    await rig.clock.advance(59_999);
    equal(rig.pool.waiting, 0);
    equal(rig.client.snapshot().state, "waiting");
  });

  it("plays share-replies-out-of-order", async () => {
    let peer: PoolPeer;
    ({ rig, peer } = await ClientRig.mining());
    for (const nonce of [10, 11, 12]) void rig.client.submit(rig.share({ nonce }));
    const [first, , third] = [await peer.next(), await peer.next(), await peer.next()];
    peer.answer(third, true);
    peer.answer(first, false, "Duplicate");
    peer.send({ id: 99, result: true, error: null });
    await peer.settled();
    const { accepted, rejected, pending, unknownReplies } = rig.client.snapshot();
    const expected = steps("share-replies-out-of-order").at(-1)?.expect;
    deepEqual({ accepted, rejected, pending, unknown_replies: unknownReplies }, expected);
  });

  it("plays silence", async () => {
    let peer: PoolPeer;
    ({ rig, peer } = await ClientRig.mining());
    await rig.clock.advance(120_000);
    equal(rig.client.snapshot().isSuspicious, true);
    equal(peer.unread, 0);
    await rig.clock.advance(60_000);
    ok(isMinerError(rig.client.snapshot().lastError, "POOL_SILENT"));
    equal(rig.client.snapshot().state, "waiting");
  });

  for (const id of RECONNECTS)
    it(`plays ${id}`, async () => {
      const [{ configured_host: configured = "" } = {}, asked, judged] = steps(id);
      const { host, port, wait = 0 } = asked ?? {};
      const pool = await ScriptedPool.listen();
      const dialled: Endpoint[] = [];
      const openLink: OpenLink = (endpoint, listener) => {
        dialled.push(endpoint);
        return makeOpenLink({})({ host: "127.0.0.1", port: pool.port }, listener);
      };
      rig = await ClientRig.start({ url: `stratum+tcp://${configured}:1`, openLink }, "", pool);
      const peer = await rig.pool.accept();
      await peer.welcome();
      await peer.settled();
      peer.notify("client.reconnect", host, port, wait);
      await peer.closed;
      await rig.clock.advance(wait * 1000);
      await rig.pool.accept();
      const isFollowed = judged?.expect_action === "reconnect";
      const expected = isFollowed ? [host ?? configured, port ?? 1] : [configured, 1];
      deepEqual(Object.values(dialled.at(-1) ?? {}), expected);
      equal(
        rig.notices.some(({ text }) => text.includes("client.reconnect")),
        !isFollowed,
      );
    });

  it("knows every case of the file", async () => {
    rig = await ClientRig.start();
    const known = [...PLAYED, ...TOLD, ...RECONNECTS];
    deepEqual(cases.map(({ id }) => id).toSorted(), known.toSorted());
  });
});
