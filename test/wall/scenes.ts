import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeAuthority, type TestAuthority, type TestCertificate } from "../certificates.js";
import type { FaultRequest } from "../../src/virtual/pool/faults/fault-set.js";
import type { PoolEntry, Scene, SceneMaker } from "./scene.js";
import type { TestPool } from "../../src/virtual/pool/test-pool.js";

const POOL_NAME = "pool.wall.test";
const DAY_MS = 24 * 60 * 60 * 1000;

/** The host of the URL in an entry is another. */
function withHost(entry: PoolEntry, host: string, port: number): PoolEntry {
  const [scheme] = String(entry["url"]).split("://");
  return { ...entry, url: `${scheme}://${host}:${port}` };
}

/** Names come from a file; `set` changes what the name of the primary means. */
function names(folder: string): {
  readonly rig: NonNullable<Scene["rig"]>;
  readonly set: (addresses: readonly string[]) => void;
} {
  const file = join(folder, "names.json");
  return {
    rig: { preloads: ["../wall/names.mjs"], env: { WALL_NAMES: file } },
    set: (addresses) => {
      writeFileSync(file, JSON.stringify({ [POOL_NAME]: addresses }));
    },
  };
}

/** The name of the primary no longer exists, and its connections end. */
export const nameGone: SceneMaker = ({ folder, primaryHost }) => {
  const { rig, set } = names(folder);
  set([primaryHost]);
  return Promise.resolve({
    rig,
    entry: (entry, primary) => withHost(entry, POOL_NAME, primary.port),
    disturb: ({ primary }) => {
      set([]);
      primary.dropConnections();
      return Promise.resolve();
    },
    heal: () => {
      set([primaryHost]);
      return Promise.resolve();
    },
  });
};

/** The primary moves to another address: its name is told anew, the old address is dead. */
export const addressMoves: SceneMaker = ({ folder, primaryHost, otherHost }) => {
  const { rig, set } = names(folder);
  set([otherHost]);
  let forwarder: Forwarder | undefined;
  return Promise.resolve({
    rig,
    entry: (entry, primary) => withHost(entry, POOL_NAME, primary.port),
    prepare: async ({ primary }) => {
      forwarder = await Forwarder.start(otherHost, primary.port, primary);
    },
    disturb: async () => {
      await forwarder?.stop();
      set([primaryHost]);
    },
    heal: () => Promise.resolve(),
    stop: async () => forwarder?.stop(),
  });
};

/** The name has a dead address before the good one; all of them are to be tried. */
export const firstAddressDead: SceneMaker = ({ folder, primaryHost, otherHost }) => {
  const { rig, set } = names(folder);
  set([primaryHost]);
  return Promise.resolve({
    rig,
    entry: (entry, primary) => withHost(entry, POOL_NAME, primary.port),
    disturb: ({ primary }) => {
      set([otherHost, primaryHost]);
      primary.dropConnections();
      return Promise.resolve();
    },
    heal: () => Promise.resolve(),
  });
};

/** The wall clock of the miner jumps. */
export function clockJumps(seconds: number): SceneMaker {
  return ({ folder }) => {
    const file = join(folder, "clock");
    writeFileSync(file, "0");
    return Promise.resolve({
      rig: { preloads: ["../wall/clock.mjs"], env: { WALL_CLOCK: file } },
      disturb: () => {
        writeFileSync(file, String(seconds));
        return Promise.resolve();
      },
      heal: () => {
        writeFileSync(file, "0");
        return Promise.resolve();
      },
    });
  };
}

/** A process between miner and primary stands still: packets vanish, and new connections hang. */
export const pathDies: SceneMaker = ({ otherHost }) => {
  let forwarder: Forwarder | undefined;
  return Promise.resolve({
    entry: (entry) => withHost(entry, otherHost, forwarder?.port ?? 0),
    prepare: async ({ primary }) => {
      forwarder = await Forwarder.start(otherHost, 0, primary);
    },
    disturb: () => {
      forwarder?.signal("SIGSTOP");
      return Promise.resolve();
    },
    heal: () => {
      forwarder?.signal("SIGCONT");
      return Promise.resolve();
    },
    stop: async () => forwarder?.stop(),
  });
};

/** Both pools are gone. */
export const allDown: SceneMaker = () =>
  Promise.resolve({
    disturb: async ({ primary, backup }) => {
      for (const pool of [primary, backup]) await pool.fault({ name: "down" });
    },
    heal: async ({ primary, backup }) => {
      for (const pool of [primary, backup]) await pool.clear();
    },
  });

/** The primary tells miners to go to an address where somebody waits who is no pool of ours. */
export const luredAway: SceneMaker = ({ otherHost }) => {
  let thief: Forwarder | undefined;
  let primaryPort = 0;
  return Promise.resolve({
    prepare: async ({ primary }) => {
      primaryPort = primary.port;
      thief = await Forwarder.start(otherHost, 0, primary);
    },
    disturb: async ({ primary }) => {
      const { port = primaryPort } = thief ?? {};
      await primary.fault({ name: "reconnectTo", host: otherHost, port });
    },
    heal: ({ primary }) => {
      const count = thief?.connections ?? 0;
      if (count > 0) throw new Error(`the miner went where it was lured, ${count} times`);
      return primary.clear();
    },
    stop: async () => thief?.stop(),
  });
};

/** The primary tells miners to go to another port of the same host, where it listens too. */
export const sentToOtherPort: SceneMaker = ({ primaryHost }) => {
  let other: Forwarder | undefined;
  return Promise.resolve({
    prepare: async ({ primary }) => {
      other = await Forwarder.start(primaryHost, 0, primary);
    },
    disturb: async ({ primary }) => {
      const { port = primary.port } = other ?? {};
      await primary.fault({ name: "reconnectTo", host: primaryHost, port, whom: "now" });
    },
    heal: ({ primary }) => primary.clear(),
    stop: async () => other?.stop(),
  });
};

/** The primary speaks TLS with a good certificate, and then with what `fault` says, also on new connections. */
export function tls(fault: FaultRequest): SceneMaker {
  return async ({ primaryHost, folder }) => {
    const authority = await makeAuthority();
    const stranger = await makeAuthority("Somebody else");
    const good = await authority.issue({ ips: [primaryHost] });
    const caFile = join(folder, "ca.pem");
    writeFileSync(caFile, authority.certPem);
    return {
      rig: {
        pool: { tls: { ...pem(good), others: await badOnes(authority, stranger, primaryHost) } },
      },
      entry: (entry) => ({ ...entry, tls: { caFile } }),
      disturb: async ({ primary }) => {
        await primary.fault(fault);
        primary.dropConnections();
      },
      heal: ({ primary }) => primary.clear(),
    };
  };
}

async function badOnes(
  authority: TestAuthority,
  stranger: TestAuthority,
  host: string,
): Promise<Record<string, { key: string; cert: string }>> {
  const now = Date.now();
  const expired = { notBefore: new Date(now - 9 * DAY_MS), notAfter: new Date(now - DAY_MS) };
  return {
    expired: pem(await authority.issue({ ips: [host], ...expired })),
    wrongName: pem(await authority.issue({ names: ["other.example"] })),
    unknownIssuer: pem(await stranger.issue({ ips: [host] })),
  };
}

function pem({ keyPem, certPem }: TestCertificate): { key: string; cert: string } {
  return { key: keyPem, cert: certPem };
}

/** A process that passes TCP connections on to a pool. */
class Forwarder {
  readonly port: number;
  readonly #process: ChildProcess;
  #output = "";

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.port = port;
    process.stdout?.on("data", (bytes) => (this.#output += String(bytes)));
  }

  /** Connections that came in. */
  get connections(): number {
    return this.#output.split("connection\n").length - 1;
  }

  static async start(host: string, port: number, target: TestPool): Promise<Forwarder> {
    const program = fileURLToPath(new URL("./forwarder.mjs", import.meta.url));
    const { hostname } = new URL(target.url.replace(/^stratum\+/, "http+"));
    const args = [host, String(port), hostname, String(target.port)];
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    return new Forwarder(child, Number(line.toString()));
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill("SIGKILL");
    await once(this.#process, "close");
  }
}
