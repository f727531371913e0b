import { deepEqual, equal } from "node:assert/strict";
import { Http } from "../../../src/app/http-config.js";

describe("configuration of HTTP", () => {
  it("listens on the usual port, and lets nobody in by itself", () => {
    deepEqual(Http.parse({}), { isOn: true, port: 80, hosts: [], public: [] });
  });

  for (const wrong of [
    { port: 70_000 },
    { port: null },
    { address: "miner" },
    { hosts: ["http://miner"] },
    { hosts: ["miner:80"] },
    { public: ["config"] },
    { tls: { certFile: "/a" } },
    { password: "admin" },
  ])
    it(`refuses ${JSON.stringify(wrong)}`, () => {
      equal(Http.safeParse(wrong).success, false);
    });

  it("takes https alone", () => {
    const { port, tls } = Http.parse({ port: null, tls: { certFile: "/a", keyFile: "/b" } });
    deepEqual([port, tls?.port], [null, 443]);
  });
});
