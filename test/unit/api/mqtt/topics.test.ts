import { deepEqual, equal, ok } from "node:assert/strict";
import { discoveryTopic } from "../../../../src/api/mqtt/home-assistant.js";
import { Topics } from "../../../../src/api/mqtt/topics.js";
import { DEVICE, PREFIX, vectors } from "./vectors.js";

const TOPICS = new Topics(PREFIX, DEVICE, ["rack-7"]);

describe("MQTT topics", () => {
  it("are those of the vectors", () => {
    const { cases } = vectors<{ id: string; topic: string }>("mqtt-messages");
    const of = (id: string): string | undefined => cases.find((each) => each.id === id)?.topic;
    deepEqual(
      ["birth", "info", "config", "tele", "tele-backfill", "event-raised", "command"].map(of),
      [
        ...[TOPICS.status, TOPICS.info, TOPICS.config, TOPICS.tele, TOPICS.backfill],
        ...[TOPICS.event("fault"), TOPICS.command("mining.pause")],
      ],
    );
    equal(of("result"), TOPICS.response(of("result")));
  });

  it("publish only where the rules of the broker let a device publish", () => {
    const { acl } = vectors("mqtt-acl") as unknown as { acl: string };
    const allowed = acl
      .split("\n")
      .flatMap((line) => /^pattern write (.+)$/.exec(line)?.[1]?.replace("%u", DEVICE) ?? []);
    const isAllowed = (topic: string): boolean =>
      allowed.some((rule) =>
        rule.endsWith("/#")
          ? topic === rule.slice(0, -2) || topic.startsWith(rule.slice(0, -1))
          : topic === rule,
      );
    const { status, info, config, tele, chips, backfill } = TOPICS;
    for (const topic of [status, info, config, tele, chips, backfill, discoveryTopic(DEVICE)])
      ok(isAllowed(topic), topic);
    ok(isAllowed(TOPICS.event("fault")) && isAllowed(TOPICS.response(undefined)));
    ok(!isAllowed(TOPICS.command("x")));
  });

  it("answer below the own res only", () => {
    const own = `${PREFIX}/${DEVICE}/res/`;
    for (const wished of [`${own}#`, `${own}+`, own, `${own}${"x".repeat(300)}`, 7, undefined])
      equal(TOPICS.response(wished), `${own}default`);
    equal(TOPICS.response(`${own}a/b`), `${own}a/b`);
  });

  it("answer who asks many below the own res, too", () => {
    const own = `${PREFIX}/${DEVICE}/res/`;
    for (const crowd of ["_all", "_g/rack-7"])
      equal(TOPICS.response(`${PREFIX}/${crowd}/res/ops`), `${own}ops`);
    for (const wished of ["_g/rack-8/res/ops", "_all/res/", "_all/res/#", "02005e100002/res/ops"])
      equal(TOPICS.response(`${PREFIX}/${wished}`), `${own}default`);
  });

  it("know commands to the device, to all and to its groups", () => {
    deepEqual(TOPICS.parseCommand(`${PREFIX}/${DEVICE}/cmd/a.b`), {
      name: "a.b",
      isBroadcast: false,
    });
    for (const to of ["_all", "_g/rack-7"])
      deepEqual(TOPICS.parseCommand(`${PREFIX}/${to}/cmd/a`), { name: "a", isBroadcast: true });
    for (const to of ["02005e100002", "_g/rack-8", `${DEVICE}/cmd`])
      equal(TOPICS.parseCommand(`${PREFIX}/${to}/cmd/a`), undefined);
  });
});
