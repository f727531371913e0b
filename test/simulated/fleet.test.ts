import { deepEqual, equal, match } from "node:assert/strict";
import type { FleetOutcome } from "../../src/api/fleet/fleet-outcome.js";
import { PlainBroker } from "../plain-broker.js";
import { assertBuilt, headframe, Program } from "./program.js";
import { rigs } from "./rig.js";
import { until } from "./until.js";

const LIGHT = 100;
const GROUP = "hall-1";

describe("a fleet at a real MQTT broker", function () {
  this.timeout(120_000);
  before(assertBuilt);
  const rig = rigs();
  let broker: PlainBroker;
  let fleet: Program | undefined;

  beforeEach(async () => {
    broker = await PlainBroker.start();
  });

  afterEach(async () => {
    await fleet?.stop();
    await broker.stop();
  });

  async function order(name: string, group: string, wait = 10) {
    const to = ["--fleet", group, "--broker", broker.url, "--wait", String(wait)];
    const { exitCode, stdout, stderr } = await headframe([name, ...to, "--json"]);
    const outcome =
      exitCode === 2 || stdout === "" ? undefined : (JSON.parse(stdout) as FleetOutcome);
    return { exitCode, stderr, outcome };
  }

  it("obeys one order, a real controller among light miners, with receipts that hold", async () => {
    const shared = ["--group", GROUP, "--broker", broker.url, "--period", "10"];
    const light = new Program(["fleet", "--miners", String(LIGHT), ...shared, "--json"]);
    fleet = light;
    const mqtt = {
      ...{ brokers: [{ url: broker.url }], deviceId: "02005e100001", groups: [GROUP] },
      commands: ["mining.curtail", "mining.resume"],
    };
    const mine = await rig.start({ config: { mqtt } });
    await mine.untilMining();
    await until(() => light.stdout.includes(`"connected":${LIGHT},`) || undefined, {
      what: "all light miners are connected",
      facts: () => light.report(),
    });
    const { exitCode, outcome } = await order("curtail", GROUP);
    const { known, acknowledged, missing, receipts, watts } = outcome ?? {};
    deepEqual(
      { exitCode, known, acknowledged, missing, receipts },
      {
        ...{ exitCode: 0, known: LIGHT + 1, acknowledged: LIGHT + 1, missing: [] },
        receipts: { verified: LIGHT + 1, without: 0, bad: [] },
      },
    );
    equal((watts?.before.of ?? 0) >= LIGHT, true);
    equal((await mine.truth()).supply.isOn, false);
    equal((await order("resume", "all")).exitCode, 0);
    const nobody = await order("curtail", "hall-2");
    equal(nobody.exitCode, 1);
    match(nobody.stderr, /FLEET_EMPTY/);
    // Connected for the broker, and deaf.
    light.signal("SIGSTOP");
    const deaf = await order("curtail", GROUP, 3);
    equal(deaf.exitCode, 1);
    deepEqual(
      [deaf.outcome?.acknowledged, deaf.outcome?.missing.length, deaf.outcome?.missing[0]],
      [1, LIGHT, "02f1ee000001"],
    );
  });
});
