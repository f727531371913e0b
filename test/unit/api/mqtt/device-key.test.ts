import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeviceKey } from "../../../../src/api/mqtt/device-key.js";
import { Receipt } from "../../../../src/api/mqtt/payloads.js";
import { signedReceipt } from "../../../../src/api/mqtt/receipt.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import type { MinerError } from "../../../../src/lib/errors.js";
import { chain, PARTS, pool, snapshot } from "../../commands/watch-snapshot.js";

describe("device key", () => {
  let dataDir: string;
  let troubles: MinerError[];
  const clock = new ManualClock();

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "headframe-key-"));
    troubles = [];
  });

  afterEach(() => {
    rmSync(dataDir, { recursive: true, force: true });
  });

  function open(): Promise<DeviceKey> {
    return DeviceKey.open({ dataDir, clock, onTrouble: (error) => troubles.push(error) });
  }

  function verify(key: DeviceKey, text: string, signature: string): string {
    const file = (name: string, content: string | Buffer): string => {
      writeFileSync(join(dataDir, name), content);
      return join(dataDir, name);
    };
    const args = ["pkeyutl", "-verify", "-pubin", "-inkey", file("pub.pem", key.publicPem)];
    const files = ["-in", file("receipt", text)];
    const sigFile = ["-sigfile", file("sig", Buffer.from(signature, "base64"))];
    return execFileSync("openssl", [...args, "-rawin", ...files, ...sigFile], {
      encoding: "utf8",
      stdio: "pipe",
    });
  }

  it("is made once, and its owner's alone", async () => {
    const made = await open();
    equal(statSync(join(dataDir, "device-key.json")).mode & 0o777, 0o600);
    const again = await open();
    equal(again.publicPem, made.publicPem);
    equal(troubles.length, 0);
  });

  it("is not replaced in silence when it cannot be read", async () => {
    await open();
    writeFileSync(join(dataDir, "device-key.json"), "{");
    await open();
    equal(troubles[0]?.code, "STATE_UNREADABLE");
  });

  it("signs a receipt that openssl verifies, and no changed one", async () => {
    const key = await open();
    const off = clock.unixMs();
    const curtailed = {
      ...PARTS.state,
      curtailment: {
        ...{ receivedUnixMs: off - 40, powerOffUnixMs: off, tookMs: 40 },
        ...({ confirmedBy: "readback", confirmedUnixMs: off + 300 } as const),
      },
    };
    const after = snapshot([chain(0, [1])], [pool("first")], {
      state: curtailed,
      powerW: { value: 12.4, ageS: 0, evidence: "measured" },
    });
    const told = {
      ...{ receipt: { receivedUnixMs: off - 40, powerOffUnixMs: off }, isKept: true },
      watts: { before: { value: 2999.6 } },
    };
    const parts = { device: "02005e100001", boot: "b7c1", key, clock, snapshot: () => after };
    const { receipt = "", sig = "" } = await signedReceipt(parts, "c1", told);
    const { received, off: at, confirmed, w_before, w_after } = Receipt.parse(JSON.parse(receipt));
    equal(at - received, 40);
    equal(confirmed, off + 300);
    equal(w_before, 3000);
    equal(w_after, 12);
    match(verify(key, receipt, sig), /Verified Successfully/);
    throws(() => verify(key, receipt.replace("3000", "3001"), sig));
  });

  it("says that nothing was measured when no supply did", async () => {
    const key = await open();
    const curtailment = {
      ...{ receivedUnixMs: 1, powerOffUnixMs: clock.unixMs(), tookMs: 1 },
      ...{ confirmedBy: null, confirmedUnixMs: null },
    };
    const now = snapshot([chain(0, [1])], [pool("first")], {
      state: { ...PARTS.state, curtailment },
    });
    const told = { receipt: { receivedUnixMs: 1, powerOffUnixMs: clock.unixMs() }, isKept: true };
    const parts = { device: "d", boot: "b", key, clock, snapshot: () => now };
    const signed = signedReceipt(parts, "c1", told);
    await clock.advance(2000);
    const receipt = Receipt.parse(JSON.parse((await signed).receipt ?? ""));
    ok(receipt.confirmed === null && receipt.w_before === null);
  });

  it("does not take the watts of a machine that mines again for those after the curtailment", async () => {
    const key = await open();
    const now = snapshot([chain(0, [1])], [pool("first")], {
      powerW: { value: 3000, ageS: 0, evidence: "measured" },
    });
    const told = { receipt: { receivedUnixMs: 1, powerOffUnixMs: 2 }, isKept: true };
    const parts = { device: "d", boot: "b", key, clock, snapshot: () => now };
    const { receipt = "" } = await signedReceipt(parts, "c1", told);
    const { off, confirmed, w_after } = Receipt.parse(JSON.parse(receipt));
    deepEqual([off, confirmed, w_after], [2, null, null]);
  });
});
