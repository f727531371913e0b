import { deepEqual, notDeepEqual, ok } from "node:assert/strict";
import { answerTo } from "../../../../src/api/cgminer/answer.js";
import { Orders } from "../../../../src/api/cgminer/orders.js";
import { textOf } from "../../../../src/api/cgminer/reply.js";
import { parseRequest } from "../../../../src/api/cgminer/request.js";
import { Session } from "../../../../src/api/cgminer/session.js";
import { AccessList } from "../../../../src/app/cgminer-access.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { vectors } from "../mqtt/vectors.js";
import { FakeDesk } from "./fake-desk.js";
import { changed, pyasicFaults, type Replies } from "./pyasic-lint.js";
import { vectorPicture } from "./vector-picture.js";

const READ = ["version", "summary", "stats", "stats+new_api", "pools"];
/** Traps that another interface, a connection or the name of the hardware would have to fall into. */
const ELSEWHERE = [
  "type-spelling",
  "type-unlisted",
  "type-suffix-ok",
  "s17-no-web",
  "work-mode-text",
];

describe("what pyasic reads", () => {
  async function replies(): Promise<Replies> {
    const picture = vectorPicture();
    const entries = READ.map(async (name) => {
      const [command = "", flag] = name.split("+");
      const text = JSON.stringify({ command, ...(flag !== undefined && { [flag]: true }) });
      const request = parseRequest(Buffer.from(text));
      const answer = await answerTo(request, {
        ...{ picture, letter: "R", list: new AccessList("0/0", "") },
        ...{ orders: new Orders(new FakeDesk(), ""), session: new Session(new ManualClock()) },
      });
      return [name, JSON.parse(textOf(answer, "json", picture)) as unknown] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  it("is what it was seen to understand", async () => {
    const { cases } = vectors<{ id: string; rpc: Replies }>("pyasic-read");
    const { rpc } = cases.find(({ id }) => id === "base-4028-only")!;
    deepEqual(await replies(), rpc);
  });

  it("has none of its traps", async () => {
    deepEqual(pyasicFaults(await replies()), []);
  });

  it("would be found out with any of them", async () => {
    const { cases } = vectors<{ id: string; change: unknown }>("pyasic-traps");
    const sound = await replies();
    let tried = 0;
    for (const { id, change } of cases) {
      if (typeof change !== "object" || change === null || ELSEWHERE.includes(id)) continue;
      for (const [path, value] of Object.entries(change)) {
        notDeepEqual(pyasicFaults(changed(sound, path, value)), [], id);
        tried += 1;
      }
    }
    ok(tried >= 10, `${tried}`);
  });
});
