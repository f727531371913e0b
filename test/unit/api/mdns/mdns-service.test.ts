import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startMdns } from "../../../../src/api/mdns/start-mdns.js";
import { announcedServices, usualName } from "../../../../src/api/mdns/announced-services.js";
import { MdnsService } from "../../../../src/api/mdns/mdns-service.js";
import { Mdns } from "../../../../src/app/mdns-config.js";
import { isMinerError } from "../../../../src/lib/errors.js";
import { createLogger } from "../../../../src/lib/logger.js";
import { hearServices } from "../../../hear-services.js";

/** Announces a service until it is killed. */
const ANNOUNCE = fileURLToPath(new URL("announce-other.ts", import.meta.url));

const FACTS = {
  ...{ mac: "02:00:5e:10:00:01", model: "Antminer S19j Pro", version: "0.1.0" },
  ...{ httpPort: 80, httpsPort: undefined },
};
/** Where every computer hears itself. */
const LOOPBACK = ["lo"];

describe("the announcement by multicast DNS", function () {
  // Whether a name is free takes a second to find out.
  this.timeout(60_000);
  const log = createLogger("silent");
  let mine: MdnsService | undefined;

  it("has the records that tools look for", () => {
    const txt = {
      ...{ id: "02005e100001", model: "Antminer S19j Pro", fw: "headframe", ver: "0.1.0" },
      api: "/api/v1",
    };
    deepEqual(announcedServices(FACTS), [
      { type: "http", port: 80, txt: { path: "/", ...txt } },
      { type: "headframe", port: 80, txt },
    ]);
    deepEqual(announcedServices({ ...FACTS, httpPort: undefined, httpsPort: 443 }), [
      { type: "headframe", port: 443, txt: { ...txt, https: "443" } },
    ]);
    equal(usualName(FACTS.mac), "headframe-100001");
    equal(usualName(undefined), "headframe");
  });

  it("is not made where nothing is asked for or nothing listens", async () => {
    const options = { facts: FACTS, onName: () => undefined, log };
    equal(await startMdns({ ...options, mdns: undefined }), undefined);
    equal(await startMdns({ ...options, mdns: Mdns.parse({ isOn: false }) }), undefined);
    throws(
      () =>
        MdnsService.start({
          ...{ ...options, mdns: Mdns.parse({}) },
          facts: { ...FACTS, httpPort: undefined },
        }),
      (error) => isMinerError(error, "MDNS_NOT_STARTED"),
    );
    for (const mdns of [{ name: "a b" }, { name: "-a" }, { interfaces: [] }, { port: 1 }])
      ok(!Mdns.safeParse(mdns).success, JSON.stringify(mdns));
  });

  it("is heard, and is taken back", async () => {
    const mdns = Mdns.parse({ name: "unit-miner", interfaces: LOOPBACK });
    const ear = await hearServices();
    try {
      const names: string[] = [];
      await new Promise<void>((resolve) => {
        const onName = (name: string): void => {
          if (names.push(name) === 2) resolve();
        };
        mine = MdnsService.start({ mdns, facts: { ...FACTS, httpPort: 8001 }, onName, log });
      });
      deepEqual(names, ["unit-miner.local", "unit-miner-api.local"]);
      const first = await ear.until("unit-miner._headframe._tcp.local.", ({ ttl }) => ttl > 0);
      deepEqual([first.port, first.host], [8001, "unit-miner-api.local."]);
      ok(first.txt.includes("model=Antminer S19j Pro"), first.txt.join(" "));
      const web = await ear.until("unit-miner._http._tcp.local.", ({ ttl }) => ttl > 0);
      deepEqual([web.port, web.host, web.txt[0]], [8001, "unit-miner.local.", "path=/"]);
    } finally {
      await mine?.stop();
    }
    await ear.until("unit-miner._headframe._tcp.local.", ({ ttl }) => ttl === 0);
    ear.close();
  });

  it("takes another name where one is taken by another program", async () => {
    const other = spawn(process.execPath, ["--import", "tsx", ANNOUNCE, "unit-taken", "8002"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      await once(other.stdout, "data");
      const mdns = Mdns.parse({ name: "unit-taken", interfaces: LOOPBACK });
      const name = await new Promise((resolve) => {
        mine = MdnsService.start({ mdns, facts: FACTS, onName: resolve, log });
      });
      equal(name, "unit-taken-2.local");
    } finally {
      await mine?.stop();
      other.kill();
    }
  });
});
