import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { FleetOrder } from "../../../../src/api/fleet/fleet-order.js";
import { fleetOutcome, isComplete } from "../../../../src/api/fleet/fleet-outcome.js";
import { FleetRoll } from "../../../../src/api/fleet/fleet-roll.js";
import type { OperatorCommand } from "../../../../src/api/fleet/operator-link.js";
import { DeviceKey } from "../../../../src/api/mqtt/device-key.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { isMinerError } from "../../../../src/lib/errors.js";

const PREFIX = "site/miners";
const ID = "curtail-1";
const WAIT_MS = 10_000;

function setUp(group: string | null = "rack-7") {
  const clock = new ManualClock(1_800_000_000_000);
  const roll = new FleetRoll(PREFIX, clock);
  const sent: OperatorCommand[] = [];
  let onSend: (command: OperatorCommand) => void = () => undefined;
  const link = {
    publish: (command: OperatorCommand) => {
      sent.push(command);
      onSend(command);
      return Promise.resolve();
    },
  };
  const order = new FleetOrder({
    ...{
      prefix: PREFIX,
      group: group ?? undefined,
      name: "mining.curtail",
      id: ID,
      client: "ops",
      actor: "alice",
    },
    ...{ waitMs: WAIT_MS, roll, link, clock },
  });
  const keys = new Map<string, DeviceKey>();
  const retain = (id: string, kind: string, value: object): void => {
    roll.take(`${PREFIX}/${id}/${kind}`, Buffer.from(JSON.stringify({ v: 1, ...value })));
  };
  const join = (id: string, groups: readonly string[] = ["rack-7"], state = "online"): void => {
    const key = DeviceKey.passing();
    keys.set(id, key);
    retain(id, "status", { state, boot: "b" });
    retain(id, "info", {
      ...{ id, model: "s19k-pro", ctrl: "virtual", fw: { name: "headframe", version: "1" } },
      ...{ boards: [], net: { host: "h" }, cfg_rev: "r", caps: [], groups },
      key: { alg: "ed25519", id: key.id, pem: key.publicPem },
    });
  };
  const answer = (id: string, value: object, more: object = {}): void => {
    const text = JSON.stringify({ v: 1, id: ID, ok: true, code: "done", ts: 0, ...value });
    const topic = `${PREFIX}/${id}/res/ops`;
    order.take({ topic, payload: Buffer.from(text), correlation: ID, ...more });
  };
  const receipt = (id: string, by = id, more: object = {}): object => {
    const times = { received: clock.unixMs(), off: clock.unixMs() + 30, confirmed: null };
    const watts = { w_before: 3000, w_after: 20, kept: true };
    const text = JSON.stringify({
      v: 1,
      device: id,
      id: ID,
      boot: "b",
      ...times,
      ...watts,
      ...more,
    });
    return { receipt: text, sig: keys.get(by)?.sign(text) };
  };
  const run = async () => {
    const answers = order.run();
    await clock.advance(WAIT_MS + 1000);
    return fleetOutcome(ID, await answers, (id) => roll.keyOf(id));
  };
  return {
    ...{ clock, sent, join, answer, receipt, run, order },
    answerWith: (answering: (command: OperatorCommand) => void) => (onSend = answering),
  };
}

describe("an order to a fleet", () => {
  it("goes to the group, and is done when all known members have obeyed", async () => {
    const { join, answerWith, answer, receipt, run, sent, clock } = setUp();
    for (const id of ["a", "b", "c"]) join(id);
    join("far", ["rack-8"]);
    join("gone", ["rack-7"], "offline");
    answerWith(() => {
      for (const [index, id] of ["a", "b", "c"].entries())
        clock.after(100 * (index + 1), () => {
          answer(id, receipt(id));
        });
    });
    const outcome = await run();
    const [command] = sent;
    equal(command?.topic, `${PREFIX}/_g/rack-7/cmd/mining.curtail`);
    equal(command.responseTopic, `${PREFIX}/_g/rack-7/res/ops`);
    deepEqual(JSON.parse(command.payload), {
      ...{ v: 1, id: ID, exp: 1_800_000_010_000, reply: "all" },
    });
    equal(sent.length, 1);
    deepEqual(outcome, {
      ...{ id: ID, known: 3, acknowledged: 3, refused: [], missing: [], others: 0, askedAgain: 0 },
      answerMs: { p50: 200, p95: 300, p99: 300, last: 300 },
      powerOffMs: { p50: 230, p95: 330, p99: 330, last: 330 },
      receipts: { verified: 3, without: 0, bad: [] },
      watts: { before: { sum: 9000, of: 3 }, after: { sum: 60, of: 3 } },
    });
    ok(isComplete(outcome));
  });

  it("asks who is silent once more, with the same id, and names who stays silent", async () => {
    const { join, answerWith, answer, receipt, run, sent } = setUp(null);
    for (const id of ["a", "b", "c"]) join(id);
    answerWith(({ topic }) => {
      if (topic.includes("/_all/")) answer("a", receipt("a"));
      if (topic.includes("/b/")) answer("b", { ...receipt("b"), dup: true });
    });
    const outcome = await run();
    deepEqual(
      sent.map(({ topic }) => topic),
      ["_all", "b", "c"].map((to) => `${PREFIX}/${to}/cmd/mining.curtail`),
    );
    equal(new Set(sent.map(({ payload }) => payload)).size, 1);
    deepEqual([outcome.acknowledged, outcome.askedAgain, outcome.missing], [2, 2, ["c"]]);
    equal(isComplete(outcome), false);
  });

  it("counts no refusal, and believes no receipt of another key, machine or order", async () => {
    const { join, answerWith, answer, receipt, run } = setUp();
    for (const id of ["a", "b", "c", "d", "e", "f"]) join(id);
    answerWith(() => {
      answer("a", receipt("a"));
      answer("b", receipt("b", "a"));
      answer("c", receipt("a"));
      answer("d", receipt("d", "d", { id: "another" }));
      answer("e", { ok: false, code: "denied", msg: "no" });
      answer("f", { v: 7 });
      answer("stranger", { ...receipt("stranger") });
      // Not of this order, or not where answers come.
      answer("e", receipt("e"), { correlation: "else" });
      answer("e", receipt("e"), { topic: `${PREFIX}/e/tele` });
    });
    const outcome = await run();
    deepEqual(
      outcome.receipts.bad,
      [
        ["b", "signature"],
        ["c", "signature"],
        ["d", "content"],
      ].map(([id, reason]) => ({ id, reason })),
    );
    deepEqual(
      outcome.refused.map(({ id, code }) => [id, code]),
      [
        ["e", "denied"],
        ["f", "unreadable"],
      ],
    );
    deepEqual([outcome.receipts.verified, outcome.receipts.without, outcome.others], [1, 1, 1]);
    deepEqual(outcome.watts.before, { sum: 3000, of: 1 });
    equal(isComplete(outcome), false);
  });

  it("is not sent where nobody is online", async () => {
    const { join, order, sent } = setUp();
    join("a", ["rack-8"]);
    join("b", ["rack-7"], "offline");
    await rejects(order.run(), (error) => isMinerError(error, "FLEET_EMPTY"));
    equal(sent.length, 0);
  });
});

describe("the roll of a fleet", () => {
  it("waits until the broker has nothing more to tell, and survives what is no message of a miner", async () => {
    const clock = new ManualClock();
    const roll = new FleetRoll(PREFIX, clock);
    let isSettled = false;
    const settled = roll.settled().then(() => (isSettled = true));
    for (let round = 0; round < 5; round++) {
      await clock.advance(900);
      roll.take(`${PREFIX}/a/status`, Buffer.from("{"));
      roll.take(`${PREFIX}/a/b/status`, Buffer.from("{}"));
      roll.take("other/a/status", Buffer.from("{}"));
    }
    equal(isSettled, false);
    await clock.advance(1500);
    await settled;
    deepEqual(roll.online(undefined), []);
  });
});
