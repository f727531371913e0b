import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
/** A slow index is no reason to wait for. */
const INSTALL_LIMIT_MS = 120_000;
const USE_LIMIT_MS = 60_000;

/** What is to be done, in this order; the last line is what pyasic read. */
const USE = `
import asyncio, json, sys
import pyasic
host, password, steps = sys.argv[1], sys.argv[2], sys.argv[3:]
pyasic.settings.update("default_antminer_web_password", password)
async def main():
    miner = await pyasic.get_miner(host)
    read = []
    for step in [] if miner is None else steps:
        if step == "read":
            read.append({"class": type(miner).__name__, **(await miner.get_data()).as_dict()})
        elif step == "stop":
            await miner.stop_mining()
        elif step == "resume":
            await miner.resume_mining()
        elif step == "blink":
            assert await miner.fault_light_on()
            assert not await miner.fault_light_off()
        else:
            config = await miner.get_config()
            pool = config.pools.groups[0].pools[0]
            pool.url, pool.user, pool.password = json.loads(step)
            await miner.send_config(config)
    print(json.dumps(read, default=str))
asyncio.run(main())
`;

/** What pyasic may be asked to do; a list of three is another first pool: address, user, password. */
type Step = "read" | "stop" | "resume" | "blink" | readonly [string, string, string];

/**
 * Unmodified pyasic from the package index, in an environment of its own below build/. Rejects where Python packages
 * cannot be installed.
 */
export async function installPyasic(version: string): Promise<string> {
  const folder = fileURLToPath(new URL(`../../build/pyasic-${version}`, import.meta.url));
  const python = join(folder, "bin/python");
  const stamp = join(folder, "installed");
  if (existsSync(stamp)) return python;
  const limit = { timeout: INSTALL_LIMIT_MS };
  await run("python3", ["-m", "venv", "--clear", folder], limit);
  const quickly = ["--quiet", "--retries", "1", "--timeout", "15"];
  await run(python, ["-m", "pip", "install", ...quickly, `pyasic==${version}`], limit);
  writeFileSync(stamp, "");
  return python;
}

/** Lets pyasic find the miner at an address and do something with it. What it read; nothing where it found none. */
export async function usePyasic<Data>(
  python: string,
  host: string,
  password: string,
  steps: readonly Step[],
): Promise<readonly Data[]> {
  const words = steps.map((step) => (typeof step === "string" ? step : JSON.stringify(step)));
  const args = ["-c", USE, host, password, ...words];
  const { stdout } = await run(python, args, { timeout: USE_LIMIT_MS });
  return JSON.parse(stdout.trim()) as readonly Data[];
}
