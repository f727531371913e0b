import { deepEqual } from "node:assert/strict";
import { PoolLog } from "../../../src/app/pool-log.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { MinerError } from "../../../src/lib/errors.js";
import { TypedEmitter } from "../../../src/lib/events.js";
import type { Logger } from "../../../src/lib/logger.js";
import type { PoolSetEvents } from "../../../src/pool/pools/pool-set.js";

const MINUTE_MS = 60_000;

class FakePools extends TypedEmitter<PoolSetEvents> {
  settingsOf(): undefined {
    return undefined;
  }
}

function unreachable(reason: string): MinerError {
  return new MinerError("POOL_UNREACHABLE", { host: "a.example", port: 3333, reason });
}

describe("the log of the pools", () => {
  let pools: FakePools;
  let clock: ManualClock;
  let lines: string[];

  beforeEach(() => {
    pools = new FakePools();
    clock = new ManualClock();
    lines = [];
    const put =
      (level: string) =>
      ({ state, reason }: Record<string, unknown>): void => {
        lines.push([level, state, reason ?? ""].join(" ").trim());
      };
    const log = { debug: put("debug"), info: put("info"), warn: put("warn"), error: put("error") };
    new PoolLog(pools, { ...log, child: () => log } as unknown as Logger, clock);
  });

  async function fail(reason: string, times: number): Promise<void> {
    for (let attempt = 0; attempt < times; attempt++) {
      pools.emit("state", "a", "waiting", unreachable(reason));
      await clock.advance(MINUTE_MS / 6);
      pools.emit("state", "a", "connecting", unreachable(reason));
    }
  }

  const loud = (): string[] => lines.filter((line) => !line.startsWith("debug"));

  it("names a trouble once, and once an hour while it lasts", async () => {
    await fail("connection refused", 1000);
    deepEqual(loud(), [
      "warn waiting connection refused",
      "warn waiting connection refused",
      "warn waiting connection refused",
    ]);
  });

  it("names another trouble at once", async () => {
    await fail("connection refused", 5);
    await fail("name unknown", 5);
    deepEqual(loud(), ["warn waiting connection refused", "warn waiting name unknown"]);
  });

  it("names it again when the pool has had work in between", async () => {
    await fail("connection refused", 2);
    pools.emit("state", "a", "ready", undefined);
    await fail("connection refused", 2);
    deepEqual(loud(), [
      "warn waiting connection refused",
      "info ready",
      "warn waiting connection refused",
    ]);
  });
});
