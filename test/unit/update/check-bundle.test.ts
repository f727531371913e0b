import { deepEqual, equal, rejects } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "../../../src/lib/clock.js";
import { projectRoot } from "../../../src/lib/project-root.js";
import { isMinerError } from "../../../src/lib/errors.js";
import {
  checkBundle,
  type BundleRules,
  type CheckedBundle,
} from "../../../src/update/check-bundle.js";
import { parsePublicKey } from "../../../src/update/minisign.js";
import { Pace } from "../../../src/update/pace.js";
import { compareVersions } from "../../../src/update/version-order.js";
import { bundle, BOARD, IMAGE, Signer, type Recipe } from "./bundles.js";

describe("the check of a bundle", () => {
  const signer = new Signer();
  let dir = "";
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), "headframe-bundle-"));
  });
  after(() => rm(dir, { recursive: true }));

  const rules: BundleRules = {
    ...{ keys: [parsePublicKey(signer.publicText)], board: BOARD, runningVersion: "1.5.0" },
    ...{ floor: "1.2.0", mayBeOlder: false, slotBytes: 100_000, maxBytes: 200_000 },
  };

  async function check(bytes: Buffer, changed: Partial<BundleRules> = {}): Promise<CheckedBundle> {
    const path = join(dir, "bundle");
    await writeFile(path, bytes);
    const file = await open(path, "r");
    const pace = new Pace(new ManualClock(), 1e9, new AbortController().signal);
    try {
      return await checkBundle(file, { ...rules, ...changed }, pace);
    } finally {
      await file.close();
    }
  }

  const made = (recipe: Partial<Recipe> = {}): Buffer => bundle({ signer, ...recipe });

  it("tells what a good one is", async () => {
    const { manifest, keyId, entry } = await check(made());
    deepEqual([manifest.version, keyId, entry.bytes], ["2.0.0", signer.id, IMAGE.length]);
  });

  const REFUSED: readonly (readonly [string, string, Partial<Recipe>, Partial<BundleRules>?])[] = [
    ["of another signer", "UPDATE_KEY_UNKNOWN", { signer: new Signer("aabbccddeeff0011") }],
    ["of a signer with the same id", "UPDATE_SIGNATURE_WRONG", { signer: new Signer() }],
    ["without any trusted key", "UPDATE_KEY_UNKNOWN", {}, { keys: [] }],
    ["with the signature of another", "UPDATE_SIGNATURE_WRONG", { signature: signer.sign("{}") }],
    ["for another board", "UPDATE_WRONG_BOARD", { boards: ["beaglebone"] }],
    ["below the floor", "UPDATE_BELOW_FLOOR", { version: "1.1.9" }, { mayBeOlder: true }],
    ["that runs already: replayed", "UPDATE_NOT_NEWER", { version: "1.5.0" }],
    ["that is older", "UPDATE_NOT_NEWER", { version: "1.4.0" }],
    ["larger than the slot", "UPDATE_TOO_LARGE", {}, { slotBytes: IMAGE.length - 1 }],
    ["larger than any", "UPDATE_TOO_LARGE", {}, { maxBytes: 1000 }],
    ["with another image", "UPDATE_PAYLOAD_WRONG", { payload: Buffer.alloc(IMAGE.length) }],
    ["with a shorter image", "UPDATE_PAYLOAD_WRONG", { payload: IMAGE.subarray(1) }],
    ["with one file more", "UPDATE_PAYLOAD_WRONG", { extra: "more" }],
    ["of another layout", "UPDATE_BUNDLE_INVALID", { manifest: '{"format":2}' }],
    ["whose manifest is no JSON", "UPDATE_BUNDLE_INVALID", { manifest: "{" }],
    ["with a version that is none", "UPDATE_BUNDLE_INVALID", { version: "two" }],
  ];
  for (const [what, code, recipe, changed] of REFUSED)
    it(`refuses one ${what}: ${code}`, () => rejects(check(made(recipe), changed), { code }));

  it("takes an older one where that is meant", async () => {
    equal(
      (await check(made({ version: "1.4.0" }), { mayBeOlder: true })).manifest.version,
      "1.4.0",
    );
  });

  it("refuses one that is cut short anywhere, or goes on behind its end", async () => {
    const whole = made();
    for (let bytes = 0; bytes < whole.length; bytes += 97)
      await rejects(check(whole.subarray(0, bytes)), { code: "UPDATE_BUNDLE_INVALID" });
    await rejects(check(Buffer.concat([whole, Buffer.from("x")])), {
      code: "UPDATE_BUNDLE_INVALID",
    });
    await rejects(check(Buffer.concat([whole, Buffer.alloc(20_000)])), {
      code: "UPDATE_BUNDLE_INVALID",
    });
  });

  it("refuses a flipped bit wherever it is, but in the comment that nobody signs", async () => {
    const whole = made();
    const comment = whole.indexOf("untrusted comment: ") + "untrusted comment: ".length;
    const commentEnd = whole.indexOf("\n", comment);
    for (let at = 0; at < whole.length; at += 11) {
      if (at >= comment && at < commentEnd) continue;
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at & 7));
      await rejects(check(damaged), (error) => isMinerError(error), `byte ${at}`);
    }
  });

  it("takes what scripts/sign-bundle makes", async () => {
    const [pub, sec, image, out] = ["key.pub", "key.sec", "image", "out"].map((name) =>
      join(dir, name),
    );
    execFileSync("minisign", ["-G", "-W", "-f", "-p", String(pub), "-s", String(sec)]);
    await writeFile(String(image), IMAGE);
    const args = ["--version", "3.0.0", "--board", BOARD, "--floor", "1.0.0", "--key", String(sec)];
    execFileSync(
      join(projectRoot(), "scripts/sign-bundle"),
      [...args, "--image", String(image), "--out", String(out)],
      { stdio: "pipe" },
    );
    const keys = [parsePublicKey(await readFile(String(pub), "utf8"))];
    const { manifest, entry } = await check(await readFile(String(out)), { keys });
    deepEqual([manifest.version, manifest.floor, manifest.boards], ["3.0.0", "1.0.0", [BOARD]]);
    equal(entry.bytes, IMAGE.length);
  });

  it("orders versions as semver.org does", () => {
    const order = [
      "1.0.0-alpha",
      "1.0.0-alpha.1",
      "1.0.0-alpha.beta",
      "1.0.0-beta",
      "1.0.0-beta.2",
    ];
    order.push("1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0");
    for (const [left, a] of order.entries())
      for (const [right, b] of order.entries())
        equal(Math.sign(compareVersions(a, b)), Math.sign(left - right), `${a} ${b}`);
    equal(Math.sign(compareVersions("none", "0.0.1")), -1);
  });
});
