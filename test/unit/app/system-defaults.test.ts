import { deepEqual, throws } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withSystemDefaults } from "../../../src/app/system-defaults.js";
import { Update } from "../../../src/update/update-config.js";

const OF_IMAGE = "scripts/image/rootfs/etc/headframe/system.json";

describe("what the image brings for the configuration", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-system-"));
    file = join(folder, "system.json");
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("is nothing on other computers", () => {
    const owners = { machine: "s19k-pro" };
    deepEqual(withSystemDefaults(owners, file), owners);
  });

  it("stands where the owner names nothing, and goes behind what the owner names", () => {
    writeFileSync(file, '{"rebootWith":"/sbin/a","update":{"slots":{"a":"/1","b":"/2"}}}');
    deepEqual(withSystemDefaults({ rebootWith: "/sbin/b", update: { rateMbPerS: 2 } }, file), {
      rebootWith: "/sbin/b",
      update: { slots: { a: "/1", b: "/2" }, rateMbPerS: 2 },
    });
  });

  it("leaves what is no configuration to be refused as it is", () => {
    writeFileSync(file, '{"rebootWith":"/sbin/a"}');
    deepEqual(withSystemDefaults([1], file), [1]);
  });

  it("is told when it is damaged", () => {
    writeFileSync(file, "{");
    throws(() => withSystemDefaults({}, file), /CONFIG_INVALID/);
  });

  it("names the slots of a card", () => {
    const brought = JSON.parse(readFileSync(OF_IMAGE, "utf8")) as { update: unknown };
    deepEqual(Update.parse(brought.update).slots, {
      a: "/dev/headframe/slot-a",
      b: "/dev/headframe/slot-b",
    });
  });
});
