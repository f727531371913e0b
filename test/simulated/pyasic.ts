import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
/** A slow index is no reason to wait for. */
const INSTALL_LIMIT_MS = 120_000;
const READ_LIMIT_MS = 60_000;

const READ = `
import asyncio, json, sys
import pyasic
async def main():
    miner = await pyasic.get_miner(sys.argv[1])
    data = None if miner is None else await miner.get_data()
    print(data if data is None else json.dumps({"class": type(miner).__name__, **data.as_dict()}, default=str))
asyncio.run(main())
`;

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

/** What pyasic makes of the miner at an address; null: it does not find one. */
export async function readWithPyasic<Data>(python: string, host: string): Promise<Data | null> {
  const { stdout } = await run(python, ["-c", READ, host], { timeout: READ_LIMIT_MS });
  const text = stdout.trim();
  return text === "None" ? null : (JSON.parse(text) as Data);
}
