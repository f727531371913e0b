import { deepEqual, equal, ok } from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { MinerWatch } from "../../../src/api/mqtt/miner-watch.js";
import { MqttLink } from "../../../src/api/mqtt/mqtt-link.js";
import { systemClock } from "../../../src/lib/clock.js";
import { createLogger } from "../../../src/lib/logger.js";
import { TestBroker } from "../../../src/virtual/test-broker.js";

const OWN = "miners/v1/demo";

describe("a broker that knows MQTT 3.1.1 only", () => {
  let broker: TestBroker;
  let link: MqttLink;
  let watch: MinerWatch;
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");

  beforeEach(async () => {
    const started = await TestBroker.start();
    ok(started);
    broker = started;
    watch = await MinerWatch.open({ url: broker.url }, "miners/v1", "demo", systemClock);
    link = new MqttLink({
      config: { brokers: [{ url: broker.url }], keepAliveS: 60 },
      identity: { clientId: "demo", boot: "b", statusTopic: `${OWN}/status` },
      subscriptions: [`${OWN}/cmd/+`],
      ...{ clock: systemClock, log: createLogger("silent") },
    });
    const up = new Promise<void>((resolve) => link.events.on("up", resolve));
    link.start();
    await up;
    const pem = publicKey.export({ type: "spki", format: "pem" });
    await tell("info", {
      ...{ v: 1, id: "demo", model: "m", ctrl: "c", fw: { name: "f", version: "1" }, boards: [] },
      ...{ net: { host: "h" }, cfg_rev: "r", caps: [], key: { alg: "ed25519", id: "k", pem } },
    });
  });

  afterEach(async () => {
    await watch.close();
    await link.stop({ topic: `${OWN}/status`, payload: "{}", qos: 1 });
    await broker.stop();
  });

  async function tell(topic: string, message: object): Promise<void> {
    const payload = JSON.stringify(message);
    equal(await link.publish({ topic: `${OWN}/${topic}`, payload, qos: 1, retain: true }), true);
  }

  /** Answers a curtailment with a receipt, perhaps a changed one. */
  function obey(change: (receipt: string) => string): void {
    link.events.on("message", ({ payload }) => {
      const { id, res } = JSON.parse(payload.toString("utf8")) as { id: string; res: string };
      const now = Date.now();
      const text = JSON.stringify({
        ...{ v: 1, device: "demo", id, boot: "b", received: now, off: now + 40, confirmed: null },
        ...{ kept: true, w_before: 3000, w_after: null },
      });
      const sig = sign(null, Buffer.from(text), privateKey).toString("base64");
      const result = { v: 1, id, ok: true, code: "done", ts: now, receipt: change(text), sig };
      void tell(res.slice(OWN.length + 1), result);
    });
  }

  it("is taken with the older version, and somebody there curtails with a checked receipt", async () => {
    obey((text) => text);
    const { wattsBefore, confirmedAfterMs, offAfterMs } = (await watch.curtail(5000)) ?? {};
    deepEqual([wattsBefore, confirmedAfterMs], [3000, null]);
    ok(Number(offAfterMs) >= 40);
    deepEqual(watch.counts, { info: 1, res: 1 });
  });

  it("carries a receipt that was changed, and nobody believes it", async () => {
    obey((text) => text.replace("3000", "30"));
    equal(await watch.curtail(500), undefined);
  });
});
