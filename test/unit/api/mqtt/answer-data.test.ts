import { deepEqual, equal } from "node:assert/strict";
import { answerData } from "../../../../src/api/mqtt/answer-data.js";
import type { CoolingList } from "../../../../src/app/cooling-commands.js";
import type { CommandReply, SetPointList } from "../../../../src/app/machine-commands.js";

const REPLY = { order: "mine", state: "hashing", isUnchanged: false, isKept: true } as const;

/** The results have the types that the desk's commands give: a change of those is seen here. */
describe("what an answer over MQTT says of its own command", () => {
  it("is watts and how they are known, of a curtailment to watts alone", () => {
    const before = { value: 691, evidence: "estimated" } as const;
    const after = { value: null, evidence: "none" } as const;
    const held = { targetW: 450, isReached: true, after };
    const toWatts: CommandReply = { ...REPLY, watts: { before, held } };
    deepEqual(answerData("mining.curtail", toWatts), {
      ...{ target_w: 450, reached: true, w_before: 691, w_before_is: "estimated" },
      ...{ w_after: null, w_after_is: "none" },
    });
    const toOff: CommandReply = { ...REPLY, order: "curtailed", watts: { before } };
    equal(answerData("mining.curtail", toOff), undefined);
  });

  it("is what is set, of set-points and of the cooling", () => {
    const points = { freqMHz: 500, railMv: 13_000, powerW: null } as SetPointList;
    deepEqual(answerData("config.set", points), {
      ...{ freq_mhz: 500, rail_mv: 13_000, power_limit_w: null },
    });
    const list: CoolingList = {
      ...{ mode: "air", targetC: 60, minDutyPct: 30, maxDutyPct: 80 },
      configured: { targetC: null, minDutyPct: null, maxDutyPct: 80 },
      ...{ dutyPct: 44.4, reason: "target" },
    };
    deepEqual(answerData("cooling.set", list), {
      ...{ target_c: 60, min_duty_pct: 30, max_duty_pct: 80, duty_pct: 44 },
    });
  });
});
