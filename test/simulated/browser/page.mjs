// Runs in a browser, in the page of whoever the address of the page names. Beside it stands the gate (gate.ts), which writes
// down what comes to the miner, and by which attempt.

const wish = new URLSearchParams(location.search);
const miner = wish.get("miner");
const api = `${miner}/api/v1`;
const heard = {};

async function heardOf(promise) {
  try {
    const reply = await promise;
    return reply.type === "opaque" ? "opaque" : `${reply.status} ${await reply.text()}`;
  } catch (error) {
    return `blocked: ${error.name}`;
  }
}

/** Tells the gate the name of what follows, and waits until something of it has come to the miner, or nothing in a while. */
async function attempt(name, run) {
  await fetch(`/page/begin?name=${name}`);
  heard[name] = await run();
  await fetch(`/page/seen?name=${name}`);
}

function post(path, body, init = {}) {
  const headers = { "Content-Type": "application/json", ...init.headers };
  return fetch(api + path, { method: "POST", body: JSON.stringify(body), ...init, headers });
}

function form(fields, { enctype, path = "/mining/pause", sandbox } = {}) {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input name='${name}' value='${value}'>`,
  );
  const frame = document.createElement("iframe");
  if (sandbox) frame.sandbox = "allow-forms allow-scripts";
  frame.srcdoc =
    `<form method=post enctype='${enctype ?? "application/x-www-form-urlencoded"}' action='${api}${path}'>` +
    `${inputs.join("")}</form><script>document.forms[0].submit()</script>`;
  document.body.append(frame);
  return "sent";
}

function loaded(element) {
  return new Promise((resolve) => {
    element.onload = () => resolve("loaded");
    element.onerror = () => resolve("blocked");
    document.body.append(element);
  });
}

function script(src) {
  return loaded(Object.assign(document.createElement("script"), { src }));
}

function opened(source, close) {
  return new Promise((resolve) => {
    source.onopen = () => resolve("opened");
    source.onerror = () => resolve("blocked");
    setTimeout(() => resolve("nothing"), 2000);
  }).finally(close);
}

/** What a page may try without asking anybody, and what it may ask for. */
async function attacks() {
  const included = { credentials: "include" };
  const blind = { method: "POST", mode: "no-cors" };
  const asks = { method: "PATCH", body: '{"noPool":"stop"}' };
  const json = { "Content-Type": "application/json" };
  const pause = `${api}/mining/pause`;
  await attempt("form", () => form({ a: 1 }));
  await attempt("form-multipart", () => form({ a: 1 }, { enctype: "multipart/form-data" }));
  await attempt("form-json", () => form({ '{"a': '":1}' }, { enctype: "text/plain" }));
  await attempt("form-sandboxed", () => form({ a: 1 }, { sandbox: true }));
  await attempt("form-login", () => form({ password: "x" }, { path: "/auth/login" }));
  await attempt("blind", () => heardOf(fetch(pause, { ...blind, ...included })));
  await attempt("blind-text", () => heardOf(fetch(pause, { ...blind, ...included, body: "{}" })));
  await attempt("blind-omit", () => heardOf(fetch(pause, { ...blind, credentials: "omit" })));
  await attempt("blind-no-referrer", () =>
    heardOf(fetch(pause, { ...blind, ...included, referrerPolicy: "no-referrer" })),
  );
  await attempt("beacon", () => `${navigator.sendBeacon(pause, "{}")}`);
  await attempt("json", () => heardOf(post("/mining/pause", {}, included)));
  await attempt("json-omit", () => heardOf(post("/mining/pause", {}, { credentials: "omit" })));
  await attempt("json-csrf", () =>
    heardOf(post("/mining/pause", {}, { ...included, headers: { "X-CSRF-Token": "x" } })),
  );
  await attempt("patch", () =>
    heardOf(fetch(`${api}/config`, { ...asks, ...included, headers: json })),
  );
  await attempt("delete", () =>
    heardOf(fetch(`${api}/tokens/00000000`, { method: "DELETE", ...included })),
  );
  await attempt("image", () => loaded(Object.assign(new Image(), { src: pause })));
  await attempt("script", () => script(`${api}/config`));
  await attempt("read", () => heardOf(fetch(`${api}/config`, included)));
  await attempt("read-omit", () => heardOf(fetch(`${api}/config`, { credentials: "omit" })));
  await attempt("events", () => {
    const source = new EventSource(`${api}/events`, { withCredentials: true });
    return opened(source, () => source.close());
  });
  await attempt("socket", () => {
    const socket = new WebSocket(`${api.replace("http", "ws")}/events`);
    return opened(socket, () => socket.close());
  });
}

/** What the owner does, on a page of the miner's own origin: once with the token that only such a page can read. */
async function owner() {
  const password = wish.get("password");
  if (password !== null) await attempt("login", () => heardOf(post("/auth/login", { password })));
  const { csrf } = await (await fetch(`${api}/auth/session`)).json();
  const headers = { "X-CSRF-Token": csrf };
  await attempt("pause-without-token", () => heardOf(post("/mining/pause", {})));
  await attempt("pause", () => heardOf(post("/mining/pause", {}, { headers })));
  await attempt("resume", () => heardOf(post("/mining/resume", {}, { headers })));
}

await (wish.get("role") === "owner" ? owner() : attacks());
const { next } = await (
  await fetch("/page/report", { method: "POST", body: JSON.stringify(heard) })
).json();
if (next !== null) location.href = next;
