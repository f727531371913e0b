import { deepEqual, equal, ok } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { supportBundle, type SupportBundle } from "../../../../src/app/support/support-bundle.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { EventRing } from "../../../../src/lib/event-ring.js";
import { parseRing } from "../../../../src/lib/ring-text.js";

/** Each as unlike anything else as secrets are. */
const SECRETS = ["hunter2-pool", "Pr0xyPass!", "br0ker-pass", "s3cret-thing"];
const CONFIG = {
  machine: "s19k-pro",
  pools: [
    {
      ...{ url: "stratum+tcp://h:1", user: "account.worker", password: SECRETS[0] },
      proxy: `socks5://me:${String(SECRETS[1])}@p:1080`,
    },
  ],
  mqtt: { brokers: [{ url: "mqtts://b:8883", user: "m", password: SECRETS[2] }] },
  http: { sharedSecret: SECRETS[3] },
};

describe("what is written for those who help", () => {
  let dataDir: string;
  let out: string;
  let clock: ManualClock;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "headframe-support-"));
    out = mkdtempSync(join(tmpdir(), "headframe-unpacked-"));
    clock = new ManualClock();
  });

  afterEach(() => {
    for (const folder of [dataDir, out]) rmSync(folder, { recursive: true, force: true });
  });

  async function ring(name: string, bytes: number, values: readonly unknown[]): Promise<void> {
    const onTrouble = (error: Error): never => {
      throw error;
    };
    const opened = await EventRing.open({ path: join(dataDir, name), bytes, clock, onTrouble });
    for (const value of values) opened.append(value, false);
    await opened.close();
  }

  function bundle(wish = {}, documents: Record<string, unknown> = {}): Promise<SupportBundle> {
    return supportBundle(
      {
        ...{ dataDir, clock, documents: () => documents, config: () => CONFIG },
        flush: () => Promise.resolve(),
      },
      wish,
    );
  }

  /** By another program than ours. */
  function unpack({ base64 }: SupportBundle): string[] {
    const file = join(out, "bundle.tar.gz");
    writeFileSync(file, Buffer.from(base64, "base64"));
    execFileSync("tar", ["-xzf", file, "-C", out]);
    rmSync(file);
    return readdirSync(out, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(out.length + 1))
      .sort();
  }

  const json = (name: string): Record<string, unknown> =>
    JSON.parse(readFileSync(join(out, name), "utf8")) as Record<string, unknown>;

  it("is an archive that any tar reads, with its own sum and list", async () => {
    mkdirSync(join(dataDir, "trips"));
    writeFileSync(join(dataDir, "trips", "1700000000000-0000.json"), "{}");
    await ring("events.ring", 65_536, [{ what: "started" }]);
    const made = await bundle({}, { snapshot: { machine: "s19k-pro" }, log: [] });
    const bytes = Buffer.from(made.base64, "base64");
    deepEqual(
      [made.bytes, made.sha256],
      [bytes.length, createHash("sha256").update(bytes).digest("hex")],
    );
    const names = unpack(made);
    deepEqual(names, [
      ...["about.json", "config.json", "data/events.ring", "data/trips/1700000000000-0000.json"],
      ...["log.json", "snapshot.json"],
    ]);
    deepEqual(made.entries.map(({ name }) => name).sort(), names);
    deepEqual(json("snapshot.json"), { machine: "s19k-pro" });
    const { records } = parseRing(readFileSync(join(out, "data/events.ring")));
    deepEqual(
      records.map(({ value }) => value),
      [{ what: "started" }],
    );
  });

  it("has no secret of the configuration in it, and none of the files that hold keys", async () => {
    for (const name of ["device-key.pem", "http-users.json", "answers.json", "order.json"])
      writeFileSync(join(dataDir, name), `key ${SECRETS.join(" ")}`);
    await ring("events.ring", 65_536, [{ what: "started" }]);
    const made = await bundle({}, { snapshot: { user: "account.worker" } });
    const all = gunzipSync(Buffer.from(made.base64, "base64")).toString("latin1");
    for (const secret of SECRETS) ok(!all.includes(secret), secret);
    unpack(made);
    deepEqual(json("config.json"), {
      machine: "s19k-pro",
      pools: [
        {
          ...{ url: "stratum+tcp://h:1", user: "account.worker", password: "(hidden)" },
          proxy: "socks5://(hidden)@p:1080",
        },
      ],
      mqtt: { brokers: [{ url: "mqtts://b:8883", user: "m", password: "(hidden)" }] },
      http: { sharedSecret: "(hidden)" },
    });
  });

  it("leaves a file out in which a secret stands all the same, and says so", async () => {
    await ring("events.ring", 65_536, [{ what: `told ${String(SECRETS[0])}` }]);
    await ring("flight.ring", 65_536, [{ text: SECRETS[1] }]);
    const made = await bundle({}, { snapshot: { error: `no ${String(SECRETS[2])}` }, log: [] });
    const all = gunzipSync(Buffer.from(made.base64, "base64")).toString("latin1");
    for (const secret of SECRETS) ok(!all.includes(secret), secret);
    deepEqual(unpack(made), ["about.json", "config.json", "log.json"]);
    deepEqual(json("about.json")["leftOut"], [
      ...["snapshot.json", "data/events.ring", "data/flight.ring"],
    ]);
  });

  it("holds as much of the flight recorder as fits, the newest of it", async () => {
    const noise = Array.from({ length: 3000 }, (_, seq) => ({
      seq,
      text: createHash("sha512").update(String(seq)).digest("hex"),
    }));
    await ring("flight.ring", 1024 * 1024, noise);
    const made = await bundle({ maxBytes: 65_536 });
    ok(made.bytes <= 65_536, `${made.bytes}`);
    unpack(made);
    const { records } = parseRing(readFileSync(join(out, "data/flight.ring")));
    ok(records.length > 100, `${records.length}`);
    equal(records.at(-1)?.seq, 3000);
  });

  it("is made of an empty folder, too", async () => {
    deepEqual(unpack(await bundle()), ["about.json", "config.json"]);
  });
});
