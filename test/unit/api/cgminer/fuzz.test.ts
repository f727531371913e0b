import { deepEqual, equal, match, ok } from "node:assert/strict";
import fc from "fast-check";
import { answerTo } from "../../../../src/api/cgminer/answer.js";
import { Orders } from "../../../../src/api/cgminer/orders.js";
import { bytesOf } from "../../../../src/api/cgminer/reply.js";
import { parseRequest } from "../../../../src/api/cgminer/request.js";
import { Session } from "../../../../src/api/cgminer/session.js";
import { AccessList } from "../../../../src/app/cgminer-access.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { FakeDesk } from "./fake-desk.js";
import { vectorPicture } from "./vector-picture.js";

/** The same requests each time. */
const SEED = 20_261_123;
const RUNS = 3000;
const PICTURE = vectorPicture();

const NAMES = [
  ...["version", "summary", "pools", "stats", "config", "asc", "pgacount", "check", "profiles"],
  ...["switchpool", "poolpriority", "addpool", "removepool", "poolquota", "pause", "resume"],
  ...["restart", "quit", "save", "ascidentify", "logon", "logoff", "kill", "curtail", "profileset"],
  ...["ledset", "rebootdevice", "disablepool", "zero", "__proto__", "constructor", "toString", ""],
];
const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
);
const command = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("+"));
const parameter = fc.oneof(
  fc.constantFrom("0", "1", "-1", "99", "1,0,2", "0,5", "x,sleep", "stratum+tcp://a:1,u,p", "\0"),
  fc.string({ maxLength: 30 }),
);
const request = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 200 }),
  fc.tuple(command, parameter).map(([first, rest]) => Buffer.from(`${first}|${rest}\n`)),
  fc
    .record(
      {
        command: fc.oneof(command, fc.jsonValue({ maxDepth: 1 })),
        parameter: fc.oneof(parameter, fc.jsonValue({ maxDepth: 2 })),
        new_api: fc.oneof(fc.boolean(), fc.jsonValue({ maxDepth: 1 })),
        ["__proto__"]: fc.constant({ command: "quit" }),
      },
      { requiredKeys: [] },
    )
    .map((plain) => Buffer.from(JSON.stringify(plain))),
);

describe("the API of cgminer, asked for anything", () => {
  /** Answers all of them for who has this letter; gives what the desk was told. */
  async function play(letter: string): Promise<FakeDesk> {
    const desk = new FakeDesk();
    const session = new Session(new ManualClock());
    const list = new AccessList(`${letter}:0/0`, "");
    const orders = new Orders(desk, "192.0.2.5");
    await fc.assert(
      fc.asyncProperty(request, async (bytes) => {
        const parsed = parseRequest(bytes);
        const facts = { picture: PICTURE, letter, list, session, orders };
        const text = String(bytesOf(await answerTo(parsed, facts), parsed.form, PICTURE));
        match(text, /\0$/);
        equal(text.indexOf("\0"), text.length - 1);
        if (parsed.form === "json") ok(typeof JSON.parse(text.slice(0, -1)) === "object");
      }),
      { seed: SEED, numRuns: RUNS },
    );
    return desk;
  }

  it("orders nothing for who may only read", async () => {
    deepEqual((await play("R")).orders, []);
  });

  it("does not fail for who may write", async () => {
    const { orders } = await play("W");
    // Requests come through: the other case could have failed.
    ok(orders.length > 20, `${orders.length} orders`);
  });
});
