import { deepEqual, equal } from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle, IMAGE, Signer } from "../unit/update/bundles.js";
import { assertBuilt } from "./program.js";
import { rigs } from "./rig.js";
import { until } from "./until.js";

const FULL_BYTES = 64 * 1024;

describe("an update of a machine that mines", function () {
  this.timeout(60_000);
  before(assertBuilt);
  const rig = rigs();
  const folder = mkdtempSync(join(tmpdir(), "headframe-update-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const at = (name: string): string => join(folder, name);

  it("is written beside it, started anew with the power off, proves itself, and keeps the settings", async () => {
    const signer = new Signer();
    mkdirSync(at("keys"));
    writeFileSync(at("keys/maker.pub"), signer.publicText);
    writeFileSync(at("slot"), "a\n");
    for (const slot of ["a", "b"]) writeFileSync(at(slot), Buffer.alloc(FULL_BYTES));
    writeFileSync(at("reboot"), `#!/bin/sh\necho 1 >>${at("calls")}\n`, { mode: 0o755 });
    writeFileSync(at("bundle"), bundle({ signer }));
    const mine = await rig.start({
      config: {
        rebootWith: at("reboot"),
        update: {
          slots: { a: at("a"), b: at("b") },
          ...{ runningSlotFile: at("slot"), choiceFile: at("boot/slots.env") },
          ...{ makerKeysDir: at("keys"), health: { forS: 2, shares: 1, withinS: 60 } },
        },
      },
    });
    await mine.untilMining();
    const config = readFileSync(mine.configFile, "utf8");
    await mine.command("update", at("bundle"));
    await until(() => existsSync(at("calls")) || undefined, { what: "the board starts anew" });
    equal((await mine.truth()).supply.isOn, false);
    deepEqual(readFileSync(at("b")).subarray(0, IMAGE.length), IMAGE);
    equal(readFileSync(at("boot/slots.env"), "utf8"), "ACTIVE=a\nTRY=b\nTRIES_LEFT=1\n");
    // As the first stage of the boot does it.
    writeFileSync(at("boot/slots.env"), "ACTIVE=a\nTRY=b\nTRIES_LEFT=0\n");
    writeFileSync(at("slot"), "b\n");
    await mine.controller.ended;
    mine.startController();
    await mine.until("the version is on trial", ({ update }) => update?.phase === "trial");
    await mine.until("it has proved itself", ({ update }) => update?.phase === "idle");
    equal(readFileSync(at("boot/slots.env"), "utf8"), "ACTIVE=b\nTRY=\nTRIES_LEFT=0\n");
    equal(readFileSync(mine.configFile, "utf8"), config);
  });
});
