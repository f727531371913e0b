import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where Debian puts it. */
const CHROMIUM = "/usr/bin/chromium";
/** Nothing leaves this computer: every name leads to it. */
const ARGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic"],
  ...["--no-first-run", "--disable-background-networking", "--disable-component-update"],
  ...["--disable-sync", "--host-resolver-rules=MAP * 127.0.0.1"],
];
const START_LIMIT_MS = 60_000;

export function hasChromium(): boolean {
  return existsSync(CHROMIUM);
}

/** Shows a page in a browser that has never run before, until `ended`. */
export async function browse(page: string, ended: Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "headframe-chromium-"));
  const browser = spawn(CHROMIUM, [...ARGS, `--user-data-dir=${folder}`, page], {
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  let told = "";
  browser.stderr.on("data", (bytes) => (told += String(bytes)));
  const closed = once(browser, "close");
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => {
      reject(new Error(`the pages came to no end: ${told.slice(-2000)}`));
    }, START_LIMIT_MS).unref();
  });
  try {
    await Promise.race([ended, late]);
  } finally {
    // With all of its processes.
    if (browser.pid !== undefined && browser.exitCode === null)
      process.kill(-browser.pid, "SIGKILL");
    await closed;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
