import { deepEqual, equal, ok } from "node:assert/strict";
import { parseConfig } from "../../../src/app/config.js";
import { isMinerError } from "../../../src/lib/errors.js";

const SMALLEST = {
  machine: "s19k-pro",
  controlBoard: "amlogic-a113d",
  allowInferred: ["psuEnable"],
  pools: [{ url: "stratum+tcp://pool.example:3333", user: "a.b" }],
};
const BROKER = { url: "mqtts://broker.example:8883" };

function read(mqtt: unknown): ReturnType<typeof parseConfig> {
  return parseConfig(JSON.stringify({ ...SMALLEST, mqtt }), "config.json");
}

function refusal(mqtt: unknown): unknown {
  try {
    read(mqtt);
  } catch (error) {
    ok(isMinerError(error, "CONFIG_INVALID"));
    ok(!error.message.includes("hunter2"), error.message);
    return error.context["path"];
  }
  return undefined;
}

describe("configuration of MQTT", () => {
  it("is off when absent, and allows no command when it says nothing of them", () => {
    equal(parseConfig(JSON.stringify(SMALLEST), "config.json").mqtt, undefined);
    const { mqtt } = read({ brokers: [BROKER] });
    deepEqual(
      [mqtt?.prefix, mqtt?.commands, mqtt?.homeAssistant, mqtt?.periodS, mqtt?.keepAliveS],
      ["miners/v1", [], false, 60, 60],
    );
  });

  it("names the field that is wrong", () => {
    const wrong: readonly (readonly [unknown, string])[] = [
      [{ brokers: [] }, "mqtt.brokers"],
      [{ brokers: [{ url: "http://broker" }] }, "mqtt.brokers[0].url"],
      [{ brokers: [{ url: "mqtt://u:hunter2@broker" }] }, "mqtt.brokers[0].url"],
      [{ brokers: [{ ...BROKER, password: "hunter2" }] }, "mqtt.brokers[0].user"],
      [{ brokers: [{ ...BROKER, certFile: "a" }] }, "mqtt.brokers[0].keyFile"],
      [{ brokers: [{ url: "mqtt://b", caFile: "a" }] }, "mqtt.brokers[0].url"],
      [{ brokers: [BROKER], prefix: "a/#" }, "mqtt.prefix"],
      [{ brokers: [BROKER], deviceId: "a/b" }, "mqtt.deviceId"],
      [{ brokers: [BROKER], groups: ["+"] }, "mqtt.groups[0]"],
      [{ brokers: [BROKER], commands: ["all"] }, "mqtt.commands[0]"],
      [{ brokers: [BROKER], periodS: 5 }, "mqtt.periodS"],
      [{ brokers: [BROKER], topics: 1 }, "mqtt.topics"],
    ];
    for (const [mqtt, path] of wrong) equal(refusal(mqtt), path);
  });
});
