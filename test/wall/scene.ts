import type { TestPool } from "../../src/virtual/pool/test-pool.js";
import type { Rig, RigOptions } from "../simulated/rig.js";

/** Where the parts of a row may be: addresses and a folder that no other row has. */
export interface Places {
  readonly primaryHost: string;
  readonly backupHost: string;
  readonly otherHost: string;
  readonly folder: string;
}

/** A pool entry of the configuration file. */
export type PoolEntry = Readonly<Record<string, unknown>>;

export interface Actors {
  readonly rig: Rig;
  readonly primary: TestPool;
  readonly backup: TestPool;
}

/** Something that goes wrong, and how it is made and mended. */
export interface Scene {
  readonly rig?: Pick<RigOptions, "preloads" | "env" | "pool">;
  /** What the configuration says of the primary. */
  readonly entry?: (entry: PoolEntry, primary: TestPool) => PoolEntry;
  /** Before the program starts. */
  readonly prepare?: (actors: Pick<Actors, "primary" | "backup">) => Promise<void>;
  /** Resolves when it is done; the clock of the row starts before it. */
  readonly disturb: (actors: Actors) => Promise<void>;
  readonly heal: (actors: Actors) => Promise<void>;
  readonly stop?: () => Promise<void>;
}

export type SceneMaker = (places: Places) => Promise<Scene>;
