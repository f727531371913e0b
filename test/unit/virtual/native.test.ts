import { deepEqual, ok, throws } from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { loadVirtualAddon } from "../../../src/virtual/native.js";
import { searchWithNode } from "./rig.js";

const POINTS = 1000;

describe("virtual addon", () => {
  const addon = loadVirtualAddon();
  const header = Uint8Array.from({ length: 80 }, (_, at) => (at * 5) & 0xff);
  const versions = Uint32Array.from(
    { length: POINTS },
    (_, at) => 0x2000_0000 | ((at % 300) << 13),
  );
  const nonces = Uint32Array.from({ length: POINTS }, (_, at) => Math.imul(at, 0x9e37_79b1));
  // One hash in 64 is below it.
  const target = new Uint8Array(32).fill(0xff, 0, 31).fill(0x03, 31);

  it("finds the nonces that Node's SHA-256 finds", () => {
    const found = addon.searchNonces(header, versions, nonces, POINTS, target);
    deepEqual(found, searchWithNode(header, versions, nonces, POINTS, target));
    ok(found.length > 5);
  });

  it("looks at no more than count points, and at none for a target of zero", () => {
    const every = new Uint8Array(32).fill(0xff);
    deepEqual([...addon.searchNonces(header, versions, nonces, 3, every)], [0, 1, 2]);
    deepEqual(addon.searchNonces(header, versions, nonces, POINTS, new Uint8Array(32)).length, 0);
  });

  it("refuses arrays that are too short", () => {
    throws(() => addon.searchNonces(header, versions, nonces, POINTS + 1, target), TypeError);
    throws(() => addon.searchNonces(header.subarray(1), versions, nonces, 1, target), TypeError);
    throws(() => addon.searchNonces(header, versions, nonces, 1, target.subarray(1)), TypeError);
  });

  it("hands over what a host writes to the pty, with the rate of the host", async () => {
    const pty = await new Promise<{ text: string; baud: number }>((resolve) => {
      const master = new addon.PtyMaster((bytes, baud) => {
        master.close();
        resolve({ text: Buffer.from(bytes).toString(), baud });
      });
      appendFileSync(master.slavePath, "hello");
    });
    deepEqual(pty, { text: "hello", baud: 115_200 });
  });

  it("says by code what the system refused", () => {
    throws(
      () => {
        addon.makeFifo("/nowhere/at/all");
      },
      { code: "ENOENT", syscall: "mkfifo" },
    );
  });
});
