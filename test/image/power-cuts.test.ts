import { deepEqual, equal } from "node:assert/strict";
import { SeededRandom } from "../../src/virtual/pool/seeded-random.js";
import { measureFor, until } from "../simulated/until.js";
import { Guest } from "./guest.js";
import { imageFiles } from "./image-files.js";
import { ImageRig } from "./image-rig.js";
import { Maker } from "./maker.js";
import { Owner } from "./owner.js";
import { tell } from "./tell.js";
import { updateConfig } from "./update-config.js";

const CUTS = Number(process.env["CUTS"] ?? 3);
const SEED = process.env["CUT_SEED"] ?? String(Date.now());
const UPDATE_LIMIT_S = 500;
const CUT_LIMIT_MS = 600_000;

/** The mains fail at any moment of an update, time after time on one card: the emulator is killed. */
describe("power cuts of an update", function () {
  this.timeout(CUT_LIMIT_MS);
  this.bail(true);
  const files = imageFiles(process.env);
  // One chain comes up sooner than three, and its shares tell as much.
  const rig = new ImageRig(files, { update: updateConfig(), chains: [0] });
  const guest = new Guest(rig);
  const maker = new Maker(rig, files.slot);
  const random = new SeededRandom(SEED);
  let owner: Owner | undefined;
  let config = "";
  let spanMs = 0;
  let last = 0;
  const cuts: string[] = [];

  /** Orders one version more, where no order is under way from before the cut. */
  const orderNext = async (): Promise<void> => {
    const version = `0.1.${String(last + 1)}`;
    const id = await owner?.order("system.upgrade", { url: maker.offer(version) });
    const answer = await until(() => owner?.answer(id ?? ""), { what: "an answer" });
    if (answer["ok"] === true) last += 1;
  };

  before(async () => {
    tell("CUT_SEED", SEED);
    await rig.start();
    owner = await Owner.connect(rig.brokerUrl);
    await rig.powerOn();
    await rig.untilMining();
    await guest.headframe(`keys add ${maker.publicKey}`);
    config = await guest.run("cat /data/config.json");
  });

  after(async () => {
    tell("cuts made", cuts.length);
    owner?.stop();
    await rig.stop();
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") process.stderr.write(await guest.report());
  });

  it("has an update as long as it takes without them", async () => {
    const fromMs = performance.now();
    await orderNext();
    await until(() => owner?.events("update.confirmed")[0], {
      what: "the update stays",
      withinS: UPDATE_LIMIT_S,
    });
    spanMs = performance.now() - fromMs;
    tell("order to confirmed, s", Math.round(spanMs / 1000));
    deepEqual(await guest.running(), { slot: "b", version: "0.1.1" });
  });

  for (let cut = 0; cut < CUTS; cut++)
    it(`boots and mines after cut ${String(cut + 1)}`, async () => {
      await orderNext();
      // One in each part of the update, so that few of them see much.
      const afterMs = ((cut + random.integer(0, 999) / 1000) / CUTS) * spanMs;
      await measureFor(afterMs / 1000);
      await rig.powerOff();
      await rig.powerOn();
      await rig.untilMining();
      const { slot, version } = await guest.running();
      cuts.push(`${(afterMs / 1000).toFixed(1)} s: ${slot} ${version}`);
      tell("cut", cuts.at(-1));
      const memory = await guest.run("cat /data/headframe/update/state.json");
      equal(versionIn(memory, slot), version);
      equal(await guest.run("cat /data/config.json"), config);
    });
});

/** What the program believes that a slot holds. */
function versionIn(memory: string, slot: string): string | undefined {
  const { state } = JSON.parse(memory) as {
    readonly state: {
      readonly slots: Readonly<Record<string, { readonly version: string } | null>>;
    };
  };
  return state.slots[slot]?.version;
}
