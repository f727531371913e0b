import { deepEqual, equal } from "node:assert/strict";
import {
  discovery,
  discoveryTopic,
  type Discovery,
} from "../../../../src/api/mqtt/home-assistant.js";
import { LAYOUT } from "../../../../src/api/mqtt/payloads.js";
import { Topics } from "../../../../src/api/mqtt/topics.js";
import { DEVICE, PREFIX, vectors } from "./vectors.js";

interface Case {
  readonly id: string;
  readonly topic: string;
  readonly payload: {
    readonly dev: Readonly<Record<string, unknown>>;
    readonly cmps: Readonly<Record<string, unknown>>;
    readonly [field: string]: unknown;
  };
}

/** Of the vector: the program has no power target, lights no LED and restarts no computer. */
const NOT_HERE = ["power_limit", "locate", "reboot"];

const MINER: Discovery = {
  info: {
    ...{ v: LAYOUT, id: DEVICE, mac: "02:00:5e:10:00:01", serial: "EXSN0000000001" },
    ...{ model: "Antminer S19j Pro", ctrl: "zynq7007", cfg_rev: "17", caps: [] },
    fw: { name: "examplefw", version: "0.1.0" },
    boards: [0, 1, 2].map((i) => ({ i, chips: 126 })),
    net: { host: "miner-0001", ip: "192.0.2.10" },
    key: { alg: "ed25519", id: "k", pem: "p" },
  },
  topics: new Topics(PREFIX, DEVICE, []),
  ...{ fans: 4, hasDieTemperature: true, periodS: 60, commands: ["mining.set"] },
};

describe("discovery by Home Assistant", () => {
  const [wanted] = vectors<Case>("ha-discovery").cases;
  const made = discovery(MINER) as Case["payload"];

  it("is what the vector says, but for what the program cannot do", () => {
    equal(discoveryTopic(DEVICE), wanted?.topic);
    const left = Object.entries(wanted?.payload.cmps ?? {}).filter(
      ([key]) => !NOT_HERE.includes(key),
    );
    deepEqual(made.cmps, Object.fromEntries(left));
    for (const field of ["avty", "stat_t", "qos"])
      deepEqual(made[field], wanted?.payload[field], field);
    for (const field of ["ids", "cns", "name", "mdl", "sn", "sw"])
      deepEqual(made.dev[field], wanted?.payload.dev[field], field);
  });

  it("offers no order that is not allowed", () => {
    const { cmps } = discovery({ ...MINER, commands: [] }) as Case["payload"];
    equal("mining" in cmps, false);
  });

  it("shows the hottest sensor where dies are not measured", () => {
    const { cmps } = discovery({ ...MINER, hasDieTemperature: false }) as Case["payload"];
    deepEqual(["chip_temp" in cmps, "temp" in cmps], [false, true]);
  });
});
