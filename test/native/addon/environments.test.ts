import { equal, ok } from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { loadAddon, type NativeAddon, type NativeChain } from "../../../src/hal/native.js";
import { CHAINS_ADDON, collectGarbage, FarSide, optionsOf } from "./rig.js";

/** Starts a chain that works and waits, and never closes it. */
const START = `
  const chain = new (require(addon).ChainPort)(options);
  chain.start(() => undefined);
  chain.configureWork(1000, new Uint8Array(32));
  chain.setAddress(0, 1, 60_000_000);
  chain.setAddress(2, 2, 0);
`;

describe("the addon in several environments", () => {
  it("is the same module when it is loaded twice", () => {
    const again = createRequire(import.meta.url)(CHAINS_ADDON) as NativeAddon;
    equal(again.ChainPort, loadAddon().ChainPort);
  });

  it("runs in a worker thread that is terminated without closing its chain", async () => {
    for (let round = 0; round < 5; round++) {
      const far = new FarSide();
      const worker = new Worker(
        `const { parentPort, workerData } = require("node:worker_threads");
         const { addon, options } = workerData;
         ${START}
         parentPort.postMessage("started");`,
        { eval: true, workerData: { addon: CHAINS_ADDON, options: optionsOf(far.path) } },
      );
      await once(worker, "message");
      equal(await far.received(7), "55aa400500001c");
      await worker.terminate();
      // The line is free again: the thread of the chain is gone.
      const chain = new (loadAddon().ChainPort)(optionsOf(far.path));
      chain.start(() => undefined);
      chain.stop();
      far.close();
    }
  });

  it("runs in a main thread and in worker threads at once", async () => {
    const fars = Array.from({ length: 3 }, () => new FarSide());
    const [mine, ...others] = fars;
    const chain = new (loadAddon().ChainPort)(optionsOf(mine!.path));
    chain.start(() => undefined);
    const workers = others.map(
      (far) =>
        new Worker(
          `const { addon, options } = require("node:worker_threads").workerData; ${START}`,
          { eval: true, workerData: { addon: CHAINS_ADDON, options: optionsOf(far.path) } },
        ),
    );
    chain.setAddress(0, 1, 0);
    for (const far of fars) equal((await far.received(7)).slice(0, 14), "55aa400500001c");
    for (const worker of workers) await worker.terminate();
    chain.setAddress(0, 2, 0);
    equal((await mine!.received(14)).length, 28);
    chain.stop();
    for (const far of fars) far.close();
  });

  it("ends with a process that exits while chains run", async () => {
    const far = new FarSide();
    const script = `const addon = ${JSON.stringify(CHAINS_ADDON)};
      const options = ${JSON.stringify(optionsOf(far.path))};
      ${START}
      process.exit(7);`;
    const error: unknown = await promisify(execFile)(process.execPath, ["-e", script]).catch(
      (reason: unknown) => reason,
    );
    ok(error instanceof Error && "code" in error && "signal" in error);
    equal(error.signal, null);
    equal(error.code, 7);
    far.close();
  });
});

describe("a native chain that nobody refers to", () => {
  it("is collected when it was never started", async () => {
    const chain = new WeakRef(new (loadAddon().ChainPort)(optionsOf("/dev/null")));
    await collectGarbage();
    equal(chain.deref(), undefined);
  });

  it("goes on while it runs, and is collected when it was stopped", async () => {
    const far = new FarSide();
    let hasRung: () => void = () => undefined;
    const rung = new Promise<void>((resolve) => {
      hasRung = resolve;
    });
    const chain = startForgotten(far.path, () => {
      hasRung();
    });
    await collectGarbage();
    far.write("aa5513700000000006");
    await rung;
    chain.deref()?.stop();
    await collectGarbage();
    equal(chain.deref(), undefined);
    far.close();
  });
});

function startForgotten(path: string, bell: () => void): WeakRef<NativeChain> {
  const chain = new (loadAddon().ChainPort)(optionsOf(path));
  chain.start(bell);
  return new WeakRef(chain);
}
