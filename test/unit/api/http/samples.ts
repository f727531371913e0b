import { PASSWORD } from "./http-rig.js";

const REPLY = { order: "paused", state: "hashing", isUnchanged: false, isKept: true };
const POOLS = {
  revision: "r1",
  pools: [{ url: "stratum+tcp://a:1", user: "u", name: "a", hasPassword: true }],
  groups: [{ name: "main", quota: 1 }],
};
const PLAN = {
  changes: [{ path: "noPool", before: null, after: "stop", takesEffect: "restart" }],
  ...{ interruptsHashing: false, needsRestart: true },
};

/** What the desk answers. */
export const ANSWERS: Readonly<Record<string, unknown>> = {
  "machine.pause": REPLY,
  "machine.resume": REPLY,
  "machine.sleep": REPLY,
  "machine.wake": REPLY,
  "machine.curtail": REPLY,
  "machine.restart": { keepsPower: true },
  "machine.locate": { isOn: true, endsUnixMs: 1, lines: ["led-green"], evidence: "inferred" },
  "system.reboot": { accepted: true },
  logs: { lines: [{ atUnixMs: 1, level: "info", message: "controller runs", facts: {} }] },
  "support.bundle": { name: "bundle.tar.gz", base64: "H4sI" },
  "trips.list": { trips: [{ id: "t1", code: "FAN_MISSING" }] },
  "trips.clear": { trip: { id: "t1" } },
  "config.get": { revision: "r1", config: { machine: "s19k-pro" } },
  "config.check": PLAN,
  "config.set": { ...PLAN, revision: "r2" },
  "pools.list": POOLS,
  "pools.set": POOLS,
  "events.list": { events: [] },
};

/** Where the path has to say something. */
export const PATHS: Readonly<Record<string, string>> = {
  "/boards/{slot}": "/boards/1",
  "/boards/{slot}/chips": "/boards/0/chips",
  "/trips/{id}/clear": "/trips/t1/clear",
  "/commands/{name}": "/commands/status",
};
/** Where the body has to. */
export const BODIES: Readonly<Record<string, object>> = {
  "/commands/{name}": { params: {} },
  "/config": { noPool: "stop" },
  "/pools": { pools: [] },
  "/tokens": { name: "test", scope: "read" },
  "/auth/login": { password: PASSWORD },
  "/auth/password": { old: PASSWORD, password: "another password" },
};
