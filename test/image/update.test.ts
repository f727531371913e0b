import { deepEqual, equal } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../simulated/until.js";
import { Guest } from "./guest.js";
import { imageFiles } from "./image-files.js";
import { ImageRig } from "./image-rig.js";
import { Maker } from "./maker.js";
import { Owner } from "./owner.js";
import { tell } from "./tell.js";
import { updateConfig } from "./update-config.js";

const UPDATE_LIMIT_S = 400;
const FIRST = "0.1.0";
const NEXT = "0.1.1";
const GIVEN_UP_LIMIT_S = 600;
const GARBAGE_BYTES = 4 * 1024 * 1024;

/** The steps follow one another on one board: each leaves it mining. */
describe("an update of the image", function () {
  this.timeout(1_200_000);
  this.bail(true);
  const files = imageFiles(process.env);
  const rig = new ImageRig(files, { update: updateConfig() });
  const guest = new Guest(rig);
  const maker = new Maker(rig, files.slot);
  let owner: Owner | undefined;
  let configText = "";

  const told = (what: string): number => owner?.events(what).length ?? 0;
  /** Installs it, and waits until it was tried and given up. */
  const untilGivenUp = async (url: string): Promise<void> => {
    const before = told("UPDATE_ROLLED_BACK");
    const fromMs = performance.now();
    const runs = await guest.running();
    await guest.headframe(`update ${url}`);
    await until(() => told("UPDATE_ROLLED_BACK") > before || undefined, {
      what: "it is given up",
      withinS: GIVEN_UP_LIMIT_S,
    });
    await rig.untilMining();
    tell("order to mining with the former version, s", seconds(fromMs));
    deepEqual(await guest.running(), runs);
  };

  before(async () => {
    await rig.start();
    owner = await Owner.connect(rig.brokerUrl);
    await rig.powerOn();
    await rig.untilMining();
  });

  after(async () => {
    owner?.stop();
    await rig.stop();
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") process.stderr.write(await guest.report());
  });

  it("is refused without a key that the owner trusts", async () => {
    configText = await guest.run("cat /data/config.json");
    await guest.headframe(`update ${maker.offer(NEXT)}`);
    await until(() => told("UPDATE_KEY_UNKNOWN") > 0 || undefined, { what: "the refusal" });
    await guest.headframe(`keys add ${maker.publicKey}`);
    await rig.untilMining();
  });

  it("is written while the machine mines, tells how far it is, boots, mines and stays", async () => {
    const fromMs = performance.now();
    await guest.headframe(`update ${maker.offer(NEXT)}`);
    const seen = new Set<string>();
    await until(
      async () => {
        const { phase, progressPct } = await guest.update();
        if (progressPct !== null && progressPct >= 0) seen.add(phase);
        return seen.size > 0 || undefined;
      },
      { what: "progress", withinS: UPDATE_LIMIT_S },
    );
    tell("rail is on while it is written", rig.wires.isEnabled);
    await rig.untilResets(1, UPDATE_LIMIT_S);
    tell("order to reset, s", seconds(fromMs));
    await rig.untilMining();
    await until(() => told("update.confirmed") > 0 || undefined, { what: "it stays" });
    tell("order to confirmed, s", seconds(fromMs));
    deepEqual(await guest.running(), { slot: "b", version: NEXT });
    equal(await guest.run("cat /data/boot/slots.env"), "ACTIVE=b\nTRY=\nTRIES_LEFT=0");
    equal(await guest.run("cat /data/config.json"), configText);
  });

  it("is taken back by its owner", async () => {
    await guest.headframe("update rollback");
    await rig.untilResets(2, UPDATE_LIMIT_S);
    await until(() => told("update.confirmed") > 1 || undefined, {
      what: "the former version stays",
      withinS: UPDATE_LIMIT_S,
    });
    deepEqual(await guest.running(), { slot: "a", version: FIRST });
  });

  it("that does not boot leaves the machine with the former version", async () => {
    await untilGivenUp(maker.offerImage("0.1.2", Buffer.alloc(GARBAGE_BYTES, "garbage")));
  });

  it("whose program ends at once goes by itself", async () => {
    const ends = (root: string): void => {
      writeFileSync(join(root, "app/dist/cli.js"), "process.exit(1);\n");
    };
    await untilGivenUp(maker.offer("0.1.3", ends));
  });

  it("whose program runs and cannot mine goes by itself", async () => {
    await untilGivenUp(maker.offer("0.1.4", lookElsewhere));
  });
});

function seconds(fromMs: number): number {
  return Math.round((performance.now() - fromMs) / 1000);
}

/** It looks for the sensors on another bus, and finds none. */
function lookElsewhere(root: string): void {
  const file = join(root, "app/boards/control-boards/qemu-ast2600.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replaceAll('"i2c-4"', '"i2c-5"'));
}
