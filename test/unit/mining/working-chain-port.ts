import type {
  ChainCounters,
  CoreCounters,
  JobTemplate,
  NonceVerdict,
  WorkOptions,
} from "../../../src/hal/chain-port.js";
import { toHex } from "../../../src/lib/bytes.js";
import type { PoolJob } from "../../../src/pool/pool-client.js";
import { FakeChainPort, type FakeChainOptions } from "../asic/fake-chain-port.js";

const CORES = 4;

/** A fake chain that takes work too: the log shows it between the frames. */
export class WorkingChainPort extends FakeChainPort {
  readonly jobs: JobTemplate[] = [];
  readonly works: WorkOptions[] = [];
  readonly nonces: Record<NonceVerdict, number> = {
    ...{ share: 0, belowTarget: 0, duplicate: 0 },
    ...{ unknownWork: 0, stale: 0, hardwareError: 0 },
  };
  /** Verified nonces by chip. */
  readonly valid: number[];
  worksSent = 0;
  /** Makes the next register write fail. */
  writeError: Error | undefined;

  constructor(options: FakeChainOptions) {
    super(options);
    this.valid = options.chips.map(() => 0);
  }

  override writeRegister(
    ...[target, register, value]: Parameters<FakeChainPort["writeRegister"]>
  ): Promise<void> {
    const error = this.writeError;
    this.writeError = undefined;
    return error === undefined
      ? super.writeRegister(target, register, value)
      : Promise.reject(error);
  }

  override configureWork(options: WorkOptions): void {
    this.works.push(options);
    this.log.push(`work every ${options.jobIntervalMs.toFixed(0)} ms`);
  }

  override setJob(template: JobTemplate): void {
    this.jobs.push(template);
    this.worksSent++;
    this.log.push(`job ${template.jobKey}${template.clean ? " clean" : ""}`);
  }

  override stopWork(forget = false): void {
    this.log.push(forget ? "stop and forget" : "stop");
  }

  override counters(): ChainCounters {
    return {
      ...super.counters(),
      ...{ jobsReceived: this.jobs.length, worksSent: this.worksSent, nonces: { ...this.nonces } },
    };
  }

  override coreCounters(): CoreCounters {
    const chips = this.valid.length;
    const valid = new Uint32Array(chips * CORES);
    this.valid.forEach((count, chip) => (valid[chip * CORES + (chip % CORES)] = count));
    return { chips, cores: CORES, valid, hardwareErrors: new Uint32Array(chips * CORES) };
  }
}

/** A job as a pool client makes it. */
export function poolJob(key: number, changes: Partial<PoolJob> = {}): PoolJob {
  return {
    ...{
      key,
      poolKey: 1,
      sessionKey: 1,
      repeatOf: undefined,
      jobId: String(key),
      version: 0x2000_0000,
    },
    ...{ versionMask: 0x1fff_e000, prevhash: new Uint8Array(32).fill(key), nbits: 0x1702_3a04 },
    ...{ ntime: 1_700_000_000, coinbasePrefix: Uint8Array.of(1, 2), extranonce2Size: 8 },
    ...{ coinbaseSuffix: Uint8Array.of(3), merkleBranches: [new Uint8Array(32).fill(9)] },
    ...{ clean: false, target: 1n << 200n, difficulty: 1024, receivedAtMs: 0 },
    ...changes,
  };
}

/** Lets everything that is already resolved run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A little-endian target as people write it. */
export function targetHex(targetLe: Uint8Array): string {
  return toHex(Uint8Array.from(targetLe).reverse()).replace(/^0+/, "");
}
