// A process of its own: clients that ask a miner for everything, over HTTP and on the port of cgminer, again as soon as they are
// answered. Each has an address of its own. Told to end, it prints what came back, by status.
// usage: node poll-clients.mjs '{"clients":50,"http":PORT,"token":TEXT,"cgminer":[HOST,PORT]}'

import { Agent, get } from "node:http";
import { connect } from "node:net";

const { clients, http, token, cgminer } = JSON.parse(process.argv[2]);
const PATHS = [
  ...["status", "miner", "boards", "boards/0", "boards/0/chips", "psu", "fans", "pools", "config"],
  ...["history", "history?step=1", "events/log", "trips", "config/schema", "limits", "system/logs"],
  ...["openapi.json", "../../metrics"],
];
const COMMANDS = [
  "summary",
  "stats",
  "pools",
  "devs",
  "version",
  "stats+pools+devs",
  "temps",
  "fans",
];
const counts = { http: {}, cgminer: {} };

function count(kind, what) {
  counts[kind][what] = (counts[kind][what] ?? 0) + 1;
}

function overHttp(path, agent) {
  return new Promise((resolve) => {
    const url = new URL(`/api/v1/${path}`, `http://127.0.0.1:${http}`);
    const asked = get(url, { agent, headers: { authorization: `Bearer ${token}` } }, (reply) => {
      reply.resume();
      reply.on("end", () => resolve(reply.statusCode));
    });
    asked.on("error", () => resolve("closed"));
  });
}

function overCgminer(command, localAddress) {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect({ host: cgminer[0], port: cgminer[1], localAddress });
    socket.on("connect", () => socket.write(JSON.stringify({ command })));
    socket.on("data", (bytes) => (text += String(bytes)));
    socket.on("error", () => undefined);
    socket.on("close", () =>
      resolve(text === "" ? "closed" : text.includes('"Code":404') ? "refused" : "answered"),
    );
  });
}

for (let client = 0; client < clients; client++) {
  const localAddress = `127.0.4.${client + 1}`;
  const agent = new Agent({ keepAlive: true, maxSockets: 1, localAddress });
  const forever = async (kind, ask, list) => {
    for (let at = client; ; at++) count(kind, await ask(list[at % list.length]));
  };
  forever("http", (path) => overHttp(path, agent), PATHS);
  forever("cgminer", (command) => overCgminer(command, localAddress), COMMANDS);
}

process.on("SIGTERM", () => {
  process.stdout.write(JSON.stringify(counts), () => process.exit(0));
});
