import { join } from "node:path";
import { ControlServer } from "../machine/control-server.js";
import { prepareListenDir } from "../machine/listen-dir.js";
import { faultRequest } from "./faults/fault-set.js";
import { describePoolFaults } from "./faults/pool-faults.js";
import type { TestPool } from "./test-pool.js";

const SOCKET = "control.sock";

/**
 * Opens the control socket of a running pool in a folder: list, fault, clear, state, block, job.
 * @throws MinerError VIRTUAL_LISTEN_FAILED
 */
export async function openPoolControl(pool: TestPool, folder: string): Promise<ControlServer> {
  prepareListenDir(folder, [SOCKET]);
  const faults = (): object => ({ faults: pool.faults() });
  const server = new ControlServer({
    list: () => ({ faults: describePoolFaults() }),
    fault: async (given) => {
      await pool.fault(faultRequest(given));
      return faults();
    },
    clear: async ({ name }) => {
      await pool.clear(name === undefined ? undefined : faultRequest({ name }).name);
      return faults();
    },
    state: () => ({ url: pool.url, stats: pool.stats(), ...faults() }),
    block: () => {
      pool.newBlock();
      return {};
    },
    job: () => {
      pool.newJob();
      return {};
    },
  });
  await server.listen(join(folder, SOCKET));
  return server;
}
