import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/lib/clock.js";
import { Rig } from "../simulated/rig.js";
import { measureFor, until } from "../simulated/until.js";
import { Audit, findings } from "./audit.js";
import { faultScene } from "./fault-scene.js";
import { Growth } from "./growth.js";
import { BACK_WITHIN_S, NEXT_WITHIN_S, type Row, type RowResult } from "./row.js";
import type { Actors, Places, Scene } from "./scene.js";

/** Gets what the processes of failed rows said. */
const REPORTS = "build/wall";

const PRIMARY_WORKER = "wallet1.primary";
const BACKUP_WORKER = "wallet2.backup";

/** Enough to mine with; each nonce costs both programs a wake-up, and many rows play at a time. */
const NONCES_PER_S = 30;
/** Shares that show that the machine mines, before anything goes wrong. */
const WARM_SHARES = 5;
/** How long the fault lasts when a row does not say: after a switch, and where none is expected. */
const LEFT_FOR_S = 3;
const STAYED_FOR_S = 20;
/** Five to ten shares come a second: without one for so long the machine does not mine there. */
const GAP_S = 8;
/** Beyond the limits of a row, so that the table can say how long it really took. */
const PATIENCE = 2;
/**
 * Decided: the young generation of the heap alone moves by 16 MB with the rate of garbage; what is unbounded (a line
 * of 10 MB, a storm without end, a queue that nobody reads) passes this within the time of a row.
 */
const GROWTH_MB = 25;

/** Plays one row from start to end. Never rejects: what goes wrong is a failure of the row. */
export async function playRow(row: Row, number: number): Promise<RowResult> {
  const startMs = systemClock.nowMs();
  const places = placesOf(number);
  const play = new Play(row, places);
  try {
    await play.run();
  } catch (error) {
    play.fail(error instanceof Error ? error.message : String(error));
    play.keepReport();
  } finally {
    await play.stop();
    rmSync(places.folder, { recursive: true, force: true });
  }
  return play.result((systemClock.nowMs() - startMs) / 1000);
}

function placesOf(number: number): Places {
  // Every row has loopback addresses of its own: a port that is closed for a while is not taken by another row.
  const host = (last: number): string => `127.0.${10 + number}.${last}`;
  return {
    ...{ primaryHost: host(1), backupHost: host(2), otherHost: host(3) },
    folder: mkdtempSync(join(tmpdir(), "headframe-wall-")),
  };
}

class Play {
  readonly #row: Row;
  readonly #places: Places;
  readonly #primary = new Audit("primary", PRIMARY_WORKER);
  readonly #backup = new Audit("backup", BACKUP_WORKER);
  readonly #growth = new Growth();
  readonly #failures: string[] = [];
  #rig: Rig | undefined;
  #scene: Scene | undefined;
  #toNextS: number | null = null;
  #backS: number | null = null;
  #longestGapS: number | null = null;

  constructor(row: Row, places: Places) {
    this.#row = row;
    this.#places = places;
  }

  fail(what: string): void {
    this.#failures.push(what);
  }

  async run(): Promise<void> {
    const { when, expects } = this.#row;
    const scene = await (this.#row.scene?.(this.#places) ?? faultScene(this.#row));
    this.#scene = scene;
    const rig = this.#makeRig(scene);
    this.#rig = rig;
    await rig.startPools();
    const [backup] = rig.backups;
    if (backup === undefined) throw new Error("no backup");
    const actors = { rig, primary: rig.pool, backup };
    await scene.prepare?.(actors);
    if (when === "start") await scene.disturb(actors);
    await rig.startMachine();
    if (when !== "start") await this.#untilWarm(actors);
    const bitMs = when === "start" ? await this.#untilReady(actors) : await this.#disturb(actors);

    if (expects === "stays") await this.#stays(bitMs);
    else if (expects === "survives") await this.#survives(bitMs);
    else if (expects === "waits") await measureFor(this.#row.lastsS ?? STAYED_FOR_S);
    else await this.#leaves(bitMs);

    const healthyMs = systemClock.nowMs();
    await scene.heal(actors);
    await this.#comesBack(healthyMs);
    this.#checkProcess(rig);
    for (const finding of findings([this.#primary, this.#backup], this.#row.allows))
      this.fail(finding);
    if (this.#failures.length > 0) this.keepReport();
  }

  async stop(): Promise<void> {
    await this.#scene?.stop?.().catch((error: unknown) => {
      this.fail(`stop: ${String(error)}`);
    });
    await this.#rig?.stop();
  }

  /** Writes down everything that the processes said. */
  keepReport(): void {
    if (this.#rig === undefined) return;
    mkdirSync(REPORTS, { recursive: true });
    const file = `${this.#row.name.replaceAll(/[^a-z0-9]+/gi, "-")}.log`;
    writeFileSync(join(REPORTS, file), this.#rig.report());
  }

  result(tookS: number): RowResult {
    const { name, expects } = this.#row;
    const count = (audit: Audit): number =>
      audit.shares.filter(({ told }) => told === "accepted").length;
    const stale = [this.#primary, this.#backup]
      .flatMap(({ shares }) => shares)
      .filter(({ verdict }) => verdict === "stale").length;
    return {
      ...{ name, expects, toNextS: this.#toNextS, backS: this.#backS },
      longestGapS: this.#longestGapS,
      shares: { primary: count(this.#primary), backup: count(this.#backup) },
      ...{ stale, rssMb: this.#growth.peakMb, growthMb: this.#growth.byMb, tookS },
      failures: [...this.#failures],
    };
  }

  #makeRig(scene: Scene): Rig {
    const { pool, backup, sharesPerS } = this.#row;
    const { primaryHost, backupHost } = this.#places;
    return new Rig({
      ...scene.rig,
      noncesPerS: NONCES_PER_S,
      ...(sharesPerS !== undefined && { sharesPerS }),
      pool: {
        ...{ host: primaryHost, users: [PRIMARY_WORKER], witness: this.#primary },
        ...{ ...scene.rig?.pool, ...pool },
      },
      backups: [{ host: backupHost, users: [BACKUP_WORKER], witness: this.#backup, ...backup }],
      adapt: (config) => ({ ...config, pools: this.#poolEntries(scene) }),
    });
  }

  #poolEntries(scene: Scene): unknown {
    const rig = this.#rig;
    if (rig === undefined) return [];
    const entry = { name: "primary", url: rig.pool.url, user: PRIMARY_WORKER, password: "x" };
    return [
      scene.entry?.(entry, rig.pool) ?? entry,
      ...rig.backups.map(({ url }) => ({
        ...{ name: "backup", url, user: BACKUP_WORKER, password: "x" },
      })),
    ];
  }

  /** The machine mines at the primary, and its memory has been seen. */
  async #untilWarm({ rig }: Actors): Promise<void> {
    await this.#until("the machine mines at the primary", 90, () => {
      return this.#primary.shares.filter(({ told }) => told === "accepted").length >= WARM_SHARES;
    });
    // What a start takes for a moment is no growth.
    this.#growth.begin(rig.controller.pid);
  }

  /** The chips are ready for work and the program has met the primary; resolves with that moment. */
  async #untilReady({ rig, primary }: Actors): Promise<number> {
    const isReady = async (): Promise<true | undefined> => {
      const snapshot = await rig.status();
      const state = snapshot?.chains[0]?.state;
      const isMet = primary.stats().connectionsTotal > 0 || this.#backup.shares.length > 0;
      return isMet && (state === "hashing" || state === "waitingForWork") ? true : undefined;
    };
    await until(isReady, { what: "the chips are ready", withinS: 90 });
    this.#growth.begin(rig.controller.pid);
    return systemClock.nowMs();
  }

  /** Resolves with the moment from which the fault is felt. */
  async #disturb(actors: Actors): Promise<number> {
    const beforeMs = systemClock.nowMs();
    await this.#scene?.disturb(actors);
    if (actors.primary.faults().length === 0) return beforeMs;
    const bitten = (): number[] =>
      actors.primary.faults().flatMap(({ bitesSinceMs }) => bitesSinceMs ?? []);
    await this.#until("the fault is felt", 60, () => bitten().length > 0);
    return Math.max(beforeMs, Math.min(...bitten()));
  }

  async #leaves(bitMs: number): Promise<void> {
    const limitS = this.#row.nextWithinS ?? NEXT_WITHIN_S;
    await this.#until("a share at the next pool", limitS * PATIENCE, () => {
      return this.#backup.firstAcceptedAfter(bitMs) !== undefined;
    });
    const { atMs } = this.#backup.firstAcceptedAfter(bitMs) ?? { atMs: Infinity };
    this.#toNextS = (atMs - bitMs) / 1000;
    if (this.#toNextS > limitS) this.fail(`${this.#toNextS.toFixed(1)} s to the next pool`);
    await this.#watch(this.#row.lastsS ?? LEFT_FOR_S);
    if (this.#row.expects !== "staysAway") return;
    const strayed = this.#primary.acceptedBetween(atMs, systemClock.nowMs());
    if (strayed.length > 0) this.fail(`${strayed.length} shares at the primary while it was ill`);
  }

  async #stays(bitMs: number): Promise<void> {
    await this.#watch(this.#row.lastsS ?? STAYED_FOR_S);
    const nowMs = systemClock.nowMs();
    this.#checkGap([this.#primary], bitMs, nowMs, GAP_S);
    const elsewhere = this.#backup.shares.length;
    if (elsewhere > 0) this.fail(`${elsewhere} shares at the next pool`);
  }

  async #survives(bitMs: number): Promise<void> {
    await this.#watch(this.#row.lastsS ?? STAYED_FOR_S);
    this.#checkGap([this.#primary, this.#backup], bitMs, systemClock.nowMs(), GAP_S);
    const first = this.#backup.firstAcceptedAfter(bitMs);
    if (first !== undefined) this.#toNextS = (first.atMs - bitMs) / 1000;
  }

  #checkGap(audits: readonly Audit[], fromMs: number, toMs: number, limitS: number): void {
    const times = audits
      .flatMap((audit) => audit.acceptedBetween(fromMs, toMs).map(({ atMs }) => atMs))
      .sort((a, b) => a - b);
    const edges = [fromMs, ...times, toMs];
    const gaps = edges.slice(1).map((atMs, index) => atMs - (edges[index] ?? atMs));
    this.#longestGapS = Math.max(...gaps) / 1000;
    if (this.#longestGapS > limitS)
      this.fail(`${this.#longestGapS.toFixed(1)} s without an accepted share`);
  }

  async #comesBack(healthyMs: number): Promise<void> {
    const limitS = this.#row.backWithinS ?? BACK_WITHIN_S;
    await this.#until("a share at the primary", limitS * PATIENCE, () => {
      return this.#primary.firstAcceptedAfter(healthyMs) !== undefined;
    });
    const { atMs } = this.#primary.firstAcceptedAfter(healthyMs) ?? { atMs: Infinity };
    this.#backS = (atMs - healthyMs) / 1000;
    if (this.#backS > limitS) this.fail(`${this.#backS.toFixed(1)} s back to the primary`);
    await this.#watch(2);
  }

  /** Waits, and looks at the memory meanwhile. */
  async #watch(seconds: number): Promise<void> {
    const endMs = systemClock.nowMs() + 1000 * seconds;
    while (systemClock.nowMs() < endMs) {
      this.#look();
      await measureFor(0.5);
    }
    this.#look();
  }

  async #until(what: string, withinS: number, isSo: () => boolean): Promise<void> {
    const look = (): true | undefined => {
      this.#look();
      return isSo() ? true : undefined;
    };
    await until(look, { what, withinS });
  }

  #look(): void {
    if (this.#rig === undefined) return;
    if (!this.#rig.controller.isRunning) throw new Error("the controller has ended");
    this.#growth.look(this.#rig.controller.pid);
  }

  #checkProcess(rig: Rig): void {
    const limitMb = this.#row.growthMb ?? GROWTH_MB;
    const { byMb } = this.#growth;
    if (byMb > limitMb) this.fail(`grew by ${byMb.toFixed(1)} MB`);
    if (!rig.virtual.isRunning) this.fail("the virtual machine has ended");
    const bad = rig.controller.log.filter(
      (line) => line["level"] === "fatal" || line["code"] === "INTERNAL",
    );
    for (const line of bad.slice(0, 3)) this.fail(`log: ${JSON.stringify(line)}`);
    if (/uncaught|unhandled/i.test(rig.controller.stderr)) this.fail("something was not caught");
  }
}
