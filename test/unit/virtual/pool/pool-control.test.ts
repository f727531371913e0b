import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askSocket } from "../../../../src/lib/ask-socket.js";
import { isMinerError } from "../../../../src/lib/errors.js";
import { openPoolControl } from "../../../../src/virtual/pool/pool-control.js";
import { RawMiner } from "./raw-miner.js";
import { withPool } from "./rig.js";

type Reply = Readonly<Record<string, unknown>>;
type Ask = (word: string, given?: object) => Promise<Reply>;

describe("the control socket of a test pool", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-pool-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** A pool that can be asked, and a miner at it. */
  function withControl(body: (ask: Ask, miner: RawMiner) => Promise<void>): Promise<void> {
    return withPool({ jobIntervalS: 0, blockIntervalS: 0 }, async ({ pool }) => {
      const control = await openPoolControl(pool, folder);
      const miner = await RawMiner.open(pool.port);
      await miner.next("mining.notify");
      try {
        await body(async (word, given = {}) => {
          const socket = join(folder, "control.sock");
          return (await askSocket(socket, { id: 7, do: word, ...given })) as Reply;
        }, miner);
      } finally {
        await control.close();
      }
    });
  }

  it("lists, sets and clears faults", async () => {
    await withControl(async (ask, miner) => {
      const { faults } = await ask("list");
      ok(Array.isArray(faults) && faults.length >= 60);
      const parameters = { reason: "stale", afterShares: 0 };
      const set = await ask("fault", { name: "rejectsAll", reason: "stale" });
      deepEqual(set, {
        ...{ id: 7, ok: true },
        faults: [{ name: "rejectsAll", parameters, bitesSinceMs: 0 }],
      });
      deepEqual((await ask("clear", { name: "rejectsAll" }))["faults"], []);
      await ask("fault", { name: "idsAsText" });
      deepEqual((await ask("clear"))["faults"], []);
      equal((await miner.call("mining.extranonce.subscribe", [])).result, true);
    });
  });

  it("gives the state, and makes blocks and jobs", async () => {
    await withControl(async (ask, miner) => {
      equal((await ask("block"))["ok"], true);
      equal((await miner.next("mining.notify"))[8], true);
      equal((await ask("job"))["ok"], true);
      equal((await miner.next("mining.notify"))[8], false);
      const { url, stats } = await ask("state");
      ok(String(url).startsWith("stratum+tcp://127.0.0.1:"));
      equal((stats as { jobsSent: number }).jobsSent, 3);
    });
  });

  it("refuses what it does not know, with the reason", async () => {
    await withControl(async (ask) => {
      for (const [word, given, code] of [
        ["fault", { name: "silnt" }, "VIRTUAL_FAULT_UNKNOWN"],
        ["fault", {}, "VIRTUAL_REQUEST_INVALID"],
        ["fault", { name: "silent", after: 1 }, "VIRTUAL_REQUEST_INVALID"],
        ["clear", { name: 7 }, "VIRTUAL_REQUEST_INVALID"],
        ["clear", { name: "silnt" }, "VIRTUAL_FAULT_UNKNOWN"],
        ["explode", {}, "VIRTUAL_REQUEST_INVALID"],
      ] as const)
        equal((await ask(word, given))["code"], code);
    });
  });

  it("does not take the place of a plain file", async () => {
    writeFileSync(join(folder, "control.sock"), "");
    await withPool({}, async ({ pool }) => {
      const error = await openPoolControl(pool, folder).catch((cause: unknown) => cause);
      ok(isMinerError(error, "VIRTUAL_LISTEN_FAILED"));
    });
  });
});
