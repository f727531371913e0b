import { deepEqual, equal, match, ok } from "node:assert/strict";
import { answerTo } from "../../../../src/api/cgminer/answer.js";
import { Orders } from "../../../../src/api/cgminer/orders.js";
import { poolDetails } from "../../../../src/api/cgminer/pool-orders.js";
import { textOf } from "../../../../src/api/cgminer/reply.js";
import { parseRequest } from "../../../../src/api/cgminer/request.js";
import { Session } from "../../../../src/api/cgminer/session.js";
import { AccessList } from "../../../../src/app/cgminer-access.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { vectors } from "../mqtt/vectors.js";
import { FakeDesk } from "./fake-desk.js";
import { vectorPicture } from "./vector-picture.js";

interface WireCase {
  readonly id: string;
  readonly request: string;
  readonly client_group?: string;
  readonly reply?: object;
  readonly reply_text?: string;
  readonly parsed?: object;
}

interface ReplyCase {
  readonly id: string;
  readonly request: { readonly command: string; readonly parameter?: string };
  readonly reply: object;
}

interface Status {
  readonly STATUS: string;
  readonly Code: number;
  readonly Msg: string;
}

const PICTURE = vectorPicture();

describe("replies of the API of cgminer", () => {
  const clock = new ManualClock();
  let desk: FakeDesk;
  let session: Session;

  beforeEach(() => {
    desk = new FakeDesk();
    session = new Session(clock);
  });

  async function ask(request: string, letter = "W", picture = PICTURE): Promise<string> {
    const parsed = parseRequest(Buffer.from(request));
    const list = new AccessList(`${letter}:0/0`, "");
    const orders = new Orders(desk, "192.0.2.5");
    const answer = await answerTo(parsed, { picture, list, letter, orders, session });
    return textOf(answer, parsed.form, picture);
  }

  async function order(command: string, parameter?: string): Promise<Status> {
    const reply = JSON.parse(await ask(JSON.stringify({ command, parameter }))) as object;
    return (reply as { STATUS: [Status] }).STATUS[0];
  }

  for (const each of vectors<WireCase>("cgminer-wire").cases)
    it(`match the vector ${each.id}`, async () => {
      const text = await ask(each.request, each.client_group ?? "R");
      if (each.reply_text !== undefined) equal(text, each.reply_text);
      if (each.reply !== undefined) deepEqual(JSON.parse(text), each.reply);
      if (each.parsed === undefined) return;
      const { parameter } = JSON.parse(each.request) as { parameter: string };
      deepEqual(poolDetails(parameter), each.parsed);
    });

  for (const { id, request, reply } of vectors<ReplyCase>("cgminer-replies").cases)
    it(`match the vector of ${id}`, async () => {
      deepEqual(JSON.parse(await ask(JSON.stringify(request))), reply);
    });

  it("keep one session a minute after its last use, as the vectors have it", async () => {
    const { cases } = vectors<ReplyCase>("luxos-extensions");
    const replyOf = (id: string): Status =>
      (cases.find((each) => each.id === id)?.reply as { STATUS: [Status] }).STATUS[0];
    const same = ({ STATUS, Code, Msg }: Status): Partial<Status> => ({ STATUS, Code, Msg });
    deepEqual(same(await order("session")), same(replyOf("session-none")));
    deepEqual(same(await order("logon")), same(replyOf("logon")));
    const { id } = session;
    deepEqual(same(await order("logon")), same(replyOf("logon-busy")));
    deepEqual(same(await order("curtail", "sleep")), same(replyOf("curtail-no-session")));
    deepEqual(same(await order("curtail", `${id},sleep`)), same(replyOf("curtail-sleep")));
    await clock.advance(59_000);
    deepEqual(same(await order("curtail", `${id},wakeup`)), same(replyOf("curtail-wakeup")));
    deepEqual(same(await order("profileset", `${id},495MHz`)), same(replyOf("profileset")));
    deepEqual(same(await order("ledset", `${id},red,blink`)), same(replyOf("ledset")));
    deepEqual(same(await order("rebootdevice", id)), same(replyOf("rebootdevice")));
    await clock.advance(60_000);
    equal((await order("curtail", `${id},sleep`)).Code, 403);
    deepEqual(
      desk.orders.map(([name]) => name),
      ["machine.curtail", "machine.resume", "machine.set", "machine.locate", "system.reboot"],
    );
    equal((await order("logon")).Code, 316);
    equal((await order("logoff", "not-it")).Code, 403);
    equal((await order("logoff", session.id)).Code, 408);
  });

  it("report what LuxOS tools read, as the vectors have it", async () => {
    const { cases } = vectors<ReplyCase>("luxos-extensions");
    const expected = (id: string): object => cases.find((each) => each.id === id)!.reply;
    for (const command of ["power", "fans"])
      deepEqual(JSON.parse(await ask(JSON.stringify({ command }))), expected(command));
    const { PROFILES } = JSON.parse(await ask('{"command":"profiles"}')) as {
      PROFILES: readonly Record<string, unknown>[];
    };
    const wanted = (expected("profiles") as { PROFILES: readonly Record<string, unknown>[] })
      .PROFILES;
    // Watts, volts and rate of the vector's lower step are those of a tuned one.
    const names = ["Profile Name", "Step", "Frequency", "IsTuned"];
    for (const profile of wanted) {
      const ours = PROFILES.find((each) => each["Profile Name"] === profile["Profile Name"]);
      for (const name of names) equal(ours?.[name], profile[name], name);
    }
    const { ATM } = JSON.parse(await ask('{"command":"atm"}')) as { ATM: [object] };
    deepEqual(ATM, [{ Enabled: true, MaxProfile: "545MHz", MinProfile: "495MHz" }]);
  });

  it("take a profile by name, step, watts and hash rate", async () => {
    await order("logon");
    for (const name of ["default", "+1", "-1", "-9", "2700W", "52THs"])
      equal((await order("profileset", `${session.id},${name}`)).Code, 321, name);
    deepEqual(
      desk.orders.map(([, params]) => params),
      [
        ...[{ freqMHz: null }, { freqMHz: 545 }, { freqMHz: 520 }, { freqMHz: 495 }],
        ...[{ powerW: 2700 }, { freqMHz: 272.5 }],
      ],
    );
    for (const name of ["", "1", "545", "NaN", "+MHz", "1e3MHz"])
      equal((await order("profileset", `${session.id},${name}`)).Code, 410, name);
  });

  it("change pools through the desk, and nothing else of them", async () => {
    const names = (): readonly string[] => {
      const [, params] = desk.orders.at(-1)!;
      return (params as { pools: { name?: string; url: string }[] }).pools.map(
        ({ name, url }) => name ?? url,
      );
    };
    equal((await order("switchpool", "2")).Code, 27);
    deepEqual(names(), ["pool-2", "pool-0", "pool-1"]);
    equal((await order("poolpriority", "1,2")).Code, 73);
    deepEqual(names(), ["pool-1", "pool-2", "pool-0"]);
    equal((await order("removepool", "0")).Code, 67);
    equal((await order("removepool", "1")).Code, 68);
    deepEqual(names(), ["pool-0", "pool-2"]);
    equal((await order("addpool", "stratum+tcp://new:1,u\\,1,p")).Code, 55);
    deepEqual(names().at(-1), "stratum+tcp://new:1");
    const [, params] = desk.orders.at(-1)!;
    deepEqual((params as { pools: object[] }).pools.at(-1), {
      ...{ url: "stratum+tcp://new:1", user: "u,1", password: "p", group: "main" },
    });
    equal((await order("addpool", "only,two")).Code, 53);
    equal((await order("enablepool", "1")).STATUS, "I");
    equal((await order("disablepool", "1")).Code, 400);
    equal(desk.orders.length, 4);
  });

  it("leave the pools of other groups where they are", async () => {
    const pool = (name: string, group: string): object => ({ name, group, url: name, user: "u" });
    desk.pools = [pool("pool-0", "a"), pool("pool-1", "b"), pool("pool-2", "a")];
    desk.groups = [
      { name: "a", quota: 1 },
      { name: "b", quota: 1 },
    ];
    await order("switchpool", "2");
    const [, params] = desk.orders[0]!;
    const names = (params as { pools: { name: string }[] }).pools.map(({ name }) => name);
    deepEqual(names, ["pool-2", "pool-1", "pool-0"]);
    equal((await order("poolquota", "0,3")).Code, 400);
    equal((await order("poolquota", "1,3")).Code, 122);
    const [, change] = desk.orders[1]!;
    deepEqual((change as { groups: object }).groups, [
      { name: "a", quota: 1 },
      { name: "b", quota: 3 },
    ]);
    for (const [parameter, code] of [["1,-3", 121] as const, ["1,10000", 84] as const])
      equal((await order("poolquota", parameter)).Code, code);
  });

  it("name who ordered, and tell why the machine refuses", async () => {
    equal((await order("pause")).Code, 406);
    deepEqual(desk.heard[0]?.by, { way: "cgminer", who: "192.0.2.5" });
    desk.refusal = "COMMAND_REFUSED: not now";
    deepEqual([(await order("resume")).Code, (await order("resume")).Msg], [405, desk.refusal]);
    match(await ask("restart"), /Code=405,Msg=COMMAND_REFUSED: not now/);
  });

  it("wake a machine that was sent to sleep", async () => {
    await ask('{"command":"resume"}', "W", { ...PICTURE, order: "asleep" });
    deepEqual(desk.orders, [["machine.wake", {}]]);
  });

  it("say what there is not", async () => {
    const codes = { hotplug: 102, lockstats: 124, debug: 400, usbstats: 88, pgaenable: 14 };
    for (const [command, code] of Object.entries(codes))
      equal((await order(command)).Code, code, command);
    const zero = { "": 94, nonsense: 95, "all,false": 400 };
    for (const [parameter, code] of Object.entries(zero))
      equal((await order("zero", parameter)).Code, code, parameter);
    equal((await order("ascidentify", "7")).Code, 107);
    equal((await order("ascidentify")).Code, 15);
    equal((await order("ascset", "0,help")).Code, 117);
    equal((await order("save")).Code, 44);
    ok(!(await ask('{"command":"__proto__+constructor"}')).includes("function"));
  });

  it("order nothing for a client that may only read", async () => {
    const writes = [
      ...["switchpool", "addpool", "removepool", "poolpriority", "poolquota", "quit", "restart"],
      ...["pause", "resume", "curtail", "profileset", "ledset", "rebootdevice", "ascidentify"],
      ...["logon", "kill", "zero", "save", "privileged"],
    ];
    for (const command of writes) {
      const text = await ask(JSON.stringify({ command, parameter: "1,sleep,x" }), "R");
      match(text, /"Code":45/, command);
    }
    deepEqual(desk.heard, []);
  });
});
