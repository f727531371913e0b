import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { OUT_OF_REACH, submitParams, withPool } from "./rig.js";
import { RawMiner } from "./raw-miner.js";

const CONFIGURE =
  '{"id":1,"method":"mining.configure","params":[["version-rolling"],{"version-rolling.mask":"1fffe000"}]}\n';

describe("protocol of the test pool", () => {
  it("opens a session whose first difficulty comes before the first job", async () => {
    await withPool({ startDifficulty: 512, firstExtranonce1: "0a0b0c0d" }, async ({ pool }) => {
      const miner = new RawMiner(pool.port);
      miner.write(`${CONFIGURE}{"id":2,"method":"mining.subscribe","params":["raw/1"]}\n`);
      miner.write('{"id":3,"method":"mining.authorize","params":["w","x"]}\n');
      const job = await miner.next("mining.notify");
      equal((await miner.answer(3)).result, true);
      deepEqual(
        miner.lines.map((line) => line.method ?? line.id),
        [1, 2, "mining.set_difficulty", "mining.notify", 3],
      );
      deepEqual(miner.lines[0]?.result, {
        "version-rolling": true,
        "version-rolling.mask": "1fffe000",
      });
      deepEqual(miner.lines[1]?.result, [[["mining.notify", "00000001"]], "0a0b0c0d", 4]);
      deepEqual(miner.lines[2]?.params, [512]);
      equal(job.length, 9);
      equal(job[8], true);
    });
  });

  it("holds jobs back until authorize when told to, as public-pool does", async () => {
    await withPool({ sendsJobsAfter: "authorize" }, async ({ pool }) => {
      const miner = new RawMiner(pool.port);
      await miner.call("mining.subscribe", ["raw/1"]);
      pool.newBlock();
      equal((await miner.call("mining.authorize", ["w", "x"])).result, true);
      await miner.next("mining.notify");
      deepEqual(
        miner.lines.map((line) => line.method ?? line.id),
        [1, 2, "mining.set_difficulty", "mining.notify"],
      );
    });
  });

  it("refuses version rolling when it has no mask, and every extension it does not know", async () => {
    await withPool({ versionMask: null }, async ({ pool }) => {
      const miner = new RawMiner(pool.port);
      const extensions = ["version-rolling", "minimum-difficulty", "info"];
      deepEqual((await miner.call("mining.configure", [extensions, {}])).result, {
        "version-rolling": false,
        "minimum-difficulty": false,
        info: false,
      });
      deepEqual((await miner.call("mining.configure", [])).result, {});
    });
  });

  it("takes only the users of its list", async () => {
    await withPool({ users: ["farm.1"] }, async ({ pool }) => {
      const miner = await RawMiner.open(pool.port, { worker: "farm.1" });
      const refused = await miner.call("mining.authorize", ["farm.2", "x"]);
      equal(refused.result, false);
      deepEqual(refused.error, [24, "Unauthorized worker", null]);
      equal((await miner.call("mining.authorize", [])).result, false);
      deepEqual(Object.keys(pool.stats().workers), ["farm.1"]);
    });
  });

  it("fails an authorize that comes before subscribe", async () => {
    await withPool({}, async ({ pool }) => {
      const miner = new RawMiner(pool.port);
      const answer = await miner.call("mining.authorize", ["w", "x"]);
      equal(answer.result, false);
      equal(answer.error, "Failed subscription");
    });
  });

  it("refuses shares before subscribe with 25 and before authorize with 24", async () => {
    await withPool({}, async ({ pool }) => {
      const miner = new RawMiner(pool.port);
      const early = await miner.call("mining.submit", []);
      deepEqual(early.error, [25, "Not subscribed", null]);
      await miner.call("mining.subscribe", ["raw/1"]);
      const job = await miner.next("mining.notify");
      const anonymous = await miner.call("mining.submit", submitParams(job, 1));
      deepEqual(anonymous.error, [24, "Unauthorized worker", null]);
    });
  });

  it("answers an unknown method with an error and ignores answers to its own questions", async () => {
    await withPool({}, async ({ pool }) => {
      const miner = await RawMiner.open(pool.port);
      miner.write('{"id":7,"result":"raw/1","error":null}\n\n  \r\n');
      deepEqual((await miner.call("mining.get_version", [])).error, [20, "Unknown method", null]);
      equal(pool.stats().protocolErrors, 0);
    });
  });

  for (const [title, line] of [
    ["that is not JSON", "HTTP/1.1 400 Bad Request"],
    ["that is no object", "[1,2,3]"],
    ["with an id that is a text", '{"id":"1","method":"mining.subscribe","params":[]}'],
    ["without an id", '{"method":"mining.suggest_difficulty","params":[1]}'],
    ["without params", '{"id":1,"method":"mining.subscribe"}'],
    ["with a method that is a number", '{"id":1,"method":2,"params":[]}'],
    ["that is empty of meaning", "{}"],
    ["longer than 1024 bytes", `{"id":1,"method":"${"x".repeat(1100)}","params":[]}`],
    [
      "that suggests a difficulty before subscribe",
      '{"id":1,"method":"mining.suggest_difficulty","params":[1]}',
    ],
  ] as const)
    it(`closes on a line ${title}`, async () => {
      await withPool({}, async ({ pool }) => {
        const bystander = await RawMiner.open(pool.port);
        const miner = new RawMiner(pool.port);
        miner.write(`${line}\n`);
        await miner.closed;
        equal(pool.stats().protocolErrors, 1);
        equal((await bystander.call("mining.authorize", ["w", "x"])).result, true);
      });
    });

  it("closes when a line of garbage never ends", async () => {
    await withPool({}, async ({ pool }) => {
      const miner = new RawMiner(pool.port);
      miner.write(new Uint8Array(5000));
      await miner.closed;
      equal(pool.stats().protocolErrors, 1);
    });
  });

  it("puts lines together from halves, also of a character", async () => {
    await withPool({}, async ({ pool }) => {
      const miner = new RawMiner(pool.port);
      await miner.call("mining.subscribe", ["raw/1"]);
      const line = Buffer.from('{"id":50,"method":"mining.authorize","params":["wörk","x"]}\r\n');
      for (const byte of line) miner.write(Uint8Array.of(byte));
      equal((await miner.call("mining.authorize", ["w", "x"])).result, true);
      deepEqual(Object.keys(pool.stats().workers), ["wörk", "w"]);
    });
  });

  it("gives every miner an extranonce1 and the same block", async () => {
    await withPool({ firstExtranonce1: "00ff" }, async ({ pool }) => {
      const first = await RawMiner.open(pool.port);
      const second = await RawMiner.open(pool.port);
      const extranonces = [first, second].map((miner) => (miner.lines[1]?.result as unknown[])[1]);
      deepEqual(extranonces, ["00ff", "0100"]);
      const [one, two] = [await first.next("mining.notify"), await second.next("mining.notify")];
      notEqual(one[0], two[0]);
      equal(one[1], two[1]);
      deepEqual(
        [pool.stats().connections, pool.stats().connectionsTotal, pool.stats().jobsSent],
        [2, 2, 2],
      );
    });
  });

  it("changes the extranonce1 of a miner that subscribed to it", async () => {
    await withPool({ firstExtranonce1: "01" }, async ({ pool }) => {
      const miner = await RawMiner.open(pool.port);
      const old = await miner.next("mining.notify");
      pool.changeExtranonce1();
      equal((await miner.call("mining.extranonce.subscribe", [])).result, true);
      pool.changeExtranonce1();
      deepEqual(await miner.next("mining.set_extranonce"), ["02", 4]);
      const job = await miner.next("mining.notify");
      equal(job[8], true);
      equal((await miner.call("mining.submit", submitParams(job, 1))).result, true);
      deepEqual((await miner.call("mining.submit", submitParams(old, 1))).error, [
        21,
        "Stale",
        null,
      ]);
    });
  });

  it("drops connections and takes the miner back, with another extranonce1", async () => {
    await withPool({}, async ({ pool }) => {
      const miner = await RawMiner.open(pool.port);
      pool.dropConnections();
      await miner.closed;
      const again = await RawMiner.open(pool.port);
      notEqual(JSON.stringify(again.lines[1]?.result), JSON.stringify(miner.lines[1]?.result));
      deepEqual([pool.stats().connections, pool.stats().connectionsTotal], [1, 2]);
    });
  });

  it("sends any line to all, and names its address", async () => {
    await withPool({}, async ({ pool }) => {
      const miner = await RawMiner.open(pool.port);
      pool.broadcast('{"id":null,"method":"client.show_message","params":["hello"]}');
      deepEqual(await miner.next("client.show_message"), ["hello"]);
      match(pool.url, new RegExp(`^stratum\\+tcp://127\\.0\\.0\\.1:${String(pool.port)}$`));
    });
  });

  it("frees its port when it stops", async () => {
    let port = 0;
    await withPool({}, async ({ pool }) => {
      port = pool.port;
      await RawMiner.open(pool.port);
    });
    await withPool({ port }, ({ pool }) => {
      equal(pool.port, port);
      return Promise.resolve();
    });
  });

  it("gives a whole difficulty that no hash reaches nothing to accept", async () => {
    await withPool({ startDifficulty: OUT_OF_REACH }, async ({ pool }) => {
      const miner = await RawMiner.open(pool.port);
      const job = await miner.next("mining.notify");
      const answer = await miner.call("mining.submit", submitParams(job, 1));
      deepEqual(answer.error, [23, "Above target", null]);
    });
  });
});
