import { setImmediate as nextTurn } from "node:timers/promises";
import { HTTP_SCOPES } from "../../../../src/api/http/auth/scopes.js";
import type { ErrorCode } from "../../../../src/lib/errors.js";
import { type HttpRig, refusal } from "./http-rig.js";
import type { Scene } from "./scene.js";

type Provoke = (scene: Scene, fresh: () => Promise<HttpRig>) => Promise<Response>;

const BURST = 60;
const BUSY_AT = 8;
const MOST_TOKENS = 32;
const GREEDY = "198.51.100.1";

/** How each error of the interface itself comes about; the others are refusals of the desk. */
const PROVOKE: Partial<Readonly<Record<ErrorCode, Provoke>>> = {
  HTTP_BAD_REQUEST: (scene) => scene.ask({ query: "?nosuch=1" }),
  HTTP_LOGIN_NEEDED: (scene) =>
    scene.ask({ scope: null, headers: { authorization: `Bearer hf_00000000_${"x".repeat(43)}` } }),
  HTTP_PASSWORD_UNSET: async (scene, fresh) => scene.ask({ rig: await fresh(), scope: null }),
  HTTP_SCOPE_MISSING: (scene) => {
    const needs = HTTP_SCOPES.indexOf(scene.operation["x-scope"] ?? "read");
    return scene.ask({ scope: HTTP_SCOPES[needs - 1] ?? null });
  },
  HTTP_HOST_REFUSED: (scene) => scene.ask({ headers: { host: "evil.example" } }),
  HTTP_ORIGIN_REFUSED: (scene) => scene.ask({ headers: { origin: "http://evil.example" } }),
  HTTP_BODY_REFUSED: (scene) =>
    scene.ask({ headers: { "content-type": "text/plain" }, text: JSON.stringify({}) }),
  HTTP_TOO_LARGE: (scene) => scene.ask({ text: `{"a":"${"x".repeat(300_000)}"}` }),
  HTTP_TOO_MANY: async (scene) => {
    for (let count = 0; count < BURST; count++) await scene.rig.ask("/health", {}, GREEDY);
    // Nothing that takes time comes before it.
    const path = { slot: "0", id: "none", name: "status" };
    const reply = scene.ask({ address: GREEDY, scope: null, path });
    await scene.rig.clock.advance(0);
    const settled = { is: false };
    void reply.finally(() => (settled.is = true));
    while (!settled.is) await scene.rig.clock.advance(250);
    return reply;
  },
  INTERNAL: async (scene) => {
    const { clock } = scene.rig;
    const ask = (): Promise<Response> => scene.ask({ scope: null });
    clock.nowMs = () => {
      throw new Error("no clock");
    };
    return ask().finally(() => Reflect.deleteProperty(clock, "nowMs"));
  },
  HTTP_NOT_FOUND: (scene) => scene.ask({ path: { slot: "7", id: "none" } }),
  HTTP_PASSWORD_SET: async (scene) => {
    await scene.rig.access.setPassword("one that is there already");
    return scene.ask();
  },
  HTTP_PASSWORD_WRONG: (scene) => scene.ask({ text: JSON.stringify(wrongSecret(scene)) }),
  HTTP_BUSY: (scene) => (scene.sample === undefined ? oneStreamMore(scene) : whileProving(scene)),
  HTTP_TOKENS_FULL: async (scene) => {
    const { access } = scene.rig;
    await scene.ask();
    while (access.tokens.length < MOST_TOKENS) await access.addToken("one", "read");
    return scene.ask();
  },
  HISTORY_MISSING: async (scene, fresh) => scene.ask({ rig: await fresh() }),
};

async function oneStreamMore(scene: Scene): Promise<Response> {
  const open = await Promise.all(Array.from({ length: BUSY_AT }, () => scene.ask()));
  const late = await scene.ask();
  for (const reply of open) await reply.body?.cancel();
  return late;
}

/** As many passwords as may be are being proven, all the time. */
async function whileProving(scene: Scene): Promise<Response> {
  const { access } = scene.rig;
  const state = { isOver: false };
  const provers = Array.from({ length: BUSY_AT }, async () => {
    while (!state.isOver) await access.isPassword("not this one").catch(() => nextTurn());
  });
  const reply = await scene.ask();
  state.isOver = true;
  await Promise.all(provers);
  return reply;
}

/** An answer that refuses with this code. */
export async function provoked(
  code: ErrorCode,
  scene: Scene,
  fresh: () => Promise<HttpRig>,
): Promise<Response> {
  const provoke = PROVOKE[code];
  if (provoke !== undefined) return provoke(scene, fresh);
  scene.rig.refuses = refusal(code);
  try {
    return await scene.ask();
  } finally {
    scene.rig.refuses = undefined;
  }
}

function wrongSecret({ sample }: Scene): object {
  const given = sample as Readonly<Record<string, string>>;
  const field = ["code", "old", "password"].find((name) => name in given) ?? "password";
  return { ...given, [field]: "not this one" };
}
