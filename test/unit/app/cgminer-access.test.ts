import { deepEqual, equal } from "node:assert/strict";
import { AccessList } from "../../../src/app/cgminer-access.js";
import { Cgminer, cgminerScopes } from "../../../src/app/cgminer-config.js";
import { vectors } from "../api/mqtt/vectors.js";

interface AccessCase {
  readonly id: string;
  readonly api_allow: string;
  readonly api_groups: string;
  readonly client_ip: string;
  readonly command: string;
  readonly connection_accepted: boolean;
  readonly group: string | null;
  readonly allowed: boolean;
}

describe("access to the API of cgminer", () => {
  for (const each of vectors<AccessCase>("cgminer-access").cases)
    it(`matches the vector ${each.id}`, () => {
      const list = new AccessList(each.api_allow, each.api_groups);
      const letter = list.letterOf(each.client_ip);
      equal(letter !== undefined, each.connection_accepted);
      equal(letter ?? null, each.group);
      equal(letter !== undefined && list.mayUse(letter, each.command), each.allowed);
    });

  it("knows IPv6, and IPv4 that comes in its clothes", () => {
    const list = new AccessList("W:[2001:db8::]/32,R:[fe80::]/10,R:192.0.2.0/24", "");
    equal(list.letterOf("2001:db8::7"), "W");
    equal(list.letterOf("fe80::1%eth0"), "R");
    equal(list.letterOf("::ffff:192.0.2.9"), "R");
    equal(list.letterOf("2001:db9::1"), undefined);
    equal(list.letterOf(""), undefined);
    equal(new AccessList("0/0", "").letterOf("2001:db8::7"), "R");
  });

  it("reads for everybody and writes for nobody when nothing else is said", () => {
    const config = Cgminer.parse({});
    deepEqual(config, { on: true, port: 4028, allow: "R:0/0", groups: "" });
    deepEqual(cgminerScopes(config), ["read"]);
    deepEqual(cgminerScopes(undefined), []);
    deepEqual(cgminerScopes({ ...config, on: false, allow: "W:0/0" }), []);
  });

  it("asks the desk for no more than somebody may use", () => {
    const scopes = (allow: string, groups = ""): readonly string[] =>
      [...cgminerScopes(Cgminer.parse({ allow, groups }))].sort();
    deepEqual(scopes("R:0/0,W:192.0.2.5"), ["configure", "operate", "read"]);
    deepEqual(scopes("P:0/0", "P:switchpool:*"), ["configure", "read"]);
    deepEqual(scopes("P:0/0", "P:curtail,Q:addpool"), ["operate", "read"]);
    deepEqual(scopes("P:0/0"), ["read"]);
  });

  it("refuses lists that it does not understand", () => {
    const isTaken = (fields: object): boolean => Cgminer.safeParse(fields).success;
    for (const allow of ["", "W", "W:", "W:300.1.1.1", "10.0.0.0/33", "[::1", "R:0/0,x", "::1"])
      equal(isTaken({ allow }), false, allow);
    for (const groups of ["W:*", "R:devs", "P", "P:", "PQ:devs", "P:a b"])
      equal(isTaken({ groups }), false, groups);
    equal(isTaken({ port: 0 }), false);
    equal(isTaken({ allow: " R:0/0 , W:[::1]/128 ", groups: "P:a:*, S:save" }), true);
  });
});
