import { join } from "node:path";
import type { Clock } from "../../lib/clock.js";
import { ERROR_TABLE, type MinerError } from "../../lib/errors.js";
import type { Logger } from "../../lib/logger.js";
import { CountersKeeper } from "../../mining/counters-keeper.js";
import { BoardMemory } from "../board-memory.js";
import { OrderKeeper } from "../life-cycle/order-keeper.js";
import { RunningMark } from "../life-cycle/running-mark.js";
import { DiskWatch } from "./disk-watch.js";
import { Journal } from "./journal.js";
import { KeptTripLog } from "./trip-log.js";

/** Names in the data directory. docs/operator.md says what each is. */
const FILES = {
  counters: "counters.json",
  order: "order.json",
  boards: "boards.json",
  running: "running",
  trips: "trips",
};

export interface KeptDataOptions {
  /** Must exist, and belong to this process alone. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Everything in the data directory that outlives the process. */
export class KeptData {
  readonly journal: Journal;
  readonly disk: DiskWatch;
  readonly counters: CountersKeeper;
  readonly orders: OrderKeeper;
  readonly memory: BoardMemory;
  readonly trips: KeptTripLog;
  readonly mark: RunningMark;
  /** For files of others in the data directory: logs what KeptState tells, and remembers it. */
  readonly onTrouble: (error: MinerError) => void;

  private constructor(parts: Parts) {
    this.journal = parts.journal;
    this.disk = parts.disk;
    this.counters = parts.counters;
    this.orders = parts.orders;
    this.memory = parts.memory;
    this.trips = parts.trips;
    this.mark = parts.mark;
    this.onTrouble = parts.onTrouble;
  }

  /** Never fails: what cannot be read or written is told. */
  static async open({ dataDir, clock, log }: KeptDataOptions): Promise<KeptData> {
    const early: MinerError[] = [];
    const inLog = (error: MinerError): void => {
      const facts = { code: error.code, ...error.context };
      if (ERROR_TABLE[error.code].severity === "warning") log.warn(facts, "data directory");
      else log.error(facts, "data directory");
    };
    const journal = await Journal.open({
      ...{ dataDir, clock },
      onTrouble: (error) => {
        inLog(error);
        early.push(error);
      },
    });
    const disk = await DiskWatch.start({
      ...{ dataDir, clock },
      onChange: (what, error) => {
        if (what === "trouble") inLog(error);
        else log.info({ code: error.code, ...error.context }, "data directory is well again");
        journal.data(what, error);
      },
    });
    const onTrouble = (error: MinerError): void => {
      inLog(error);
      journal.data("trouble", error);
      disk.failed(error.cause);
    };
    for (const error of early) disk.failed(error.cause);
    const at = (file: string): { path: string; clock: Clock; onTrouble: typeof onTrouble } => ({
      ...{ path: join(dataDir, file), clock, onTrouble },
    });
    return new KeptData({
      ...{ journal, disk, onTrouble },
      counters: await CountersKeeper.open(at(FILES.counters)),
      orders: await OrderKeeper.open(at(FILES.order)),
      memory: await BoardMemory.open(at(FILES.boards)),
      trips: await KeptTripLog.open({
        ...{ folder: join(dataDir, FILES.trips), clock, onTrouble },
        onChange: (trip) => {
          journal.trip(trip);
        },
      }),
      mark: new RunningMark({ path: join(dataDir, FILES.running), log }),
    });
  }

  /** Saves for the last time. */
  async stop(): Promise<void> {
    this.disk.stop();
    await this.counters.stop();
    await this.orders.stop();
    await this.memory.stop();
    await this.trips.stop();
    await this.journal.close();
  }
}

type Parts = Pick<
  KeptData,
  "journal" | "disk" | "counters" | "orders" | "memory" | "trips" | "mark" | "onTrouble"
>;
