import { deepEqual, equal, throws } from "node:assert/strict";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KeptData } from "../../../../src/app/kept/kept-data.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { createLogger } from "../../../../src/lib/logger.js";
import { projectRoot } from "../../../../src/lib/project-root.js";
import {
  asFirstVersion,
  NewerVersionError,
  parseStateText,
  stateText,
  type StateFormat,
} from "../../../../src/lib/state-text.js";

const FIXTURES = join(projectRoot(), "test", "fixtures", "state", "version-0");

describe("files of an older version", () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "headframe-migrations-"));
  });

  afterEach(() => rm(dataDir, { recursive: true }));

  function open(): Promise<KeptData> {
    return KeptData.open({ dataDir, clock: new ManualClock(), log: createLogger("silent") });
  }

  it("without a checksum are read, and get one when they are saved", async () => {
    for (const file of ["order.json", "counters.json", "boards.json"])
      await copyFile(join(FIXTURES, file), join(dataDir, file));
    const old = await open();
    deepEqual(old.orders.record, { order: "paused", sinceUnixMs: 1700000005000 });
    deepEqual(
      [...old.memory.serials],
      [
        [0, "SN0"],
        [2, "SN2"],
      ],
    );
    const { shares, starts } = old.counters.counters.state();
    deepEqual([shares.accepted, shares.rejected, shares.acceptedDifficulty, starts], [2, 1, 16, 2]);
    await old.orders.give("asleep");
    await old.stop();
    for (const file of ["order.json", "counters.json"]) {
      const text = await readFile(join(dataDir, file), "utf8");
      equal(/^\{"version":1,"sha256":"[0-9a-f]{64}","state":\{/.test(text), true);
      const before = await readFile(join(dataDir, `${file}.previous`), "utf8");
      equal(before, await readFile(join(FIXTURES, file), "utf8"));
    }
    const now = await open();
    equal(now.orders.order, "asleep");
    equal(now.counters.counters.state().shares.accepted, 2);
    await now.stop();
  });

  describe("go through every migration after theirs", () => {
    const second: StateFormat<unknown> = {
      migrations: [asFirstVersion, (plain) => ({ renamed: (plain as { old: unknown }).old })],
      parse: (plain) => plain,
      plain: (state) => state,
    };
    const first: StateFormat<unknown> = { ...second, migrations: [asFirstVersion] };
    const third: StateFormat<unknown> = {
      ...second,
      migrations: [...second.migrations, (plain) => [plain]],
    };

    it("from the first on", () => {
      deepEqual(parseStateText(second, '{"version":1,"old":7}'), { renamed: 7 });
      deepEqual(parseStateText(third, stateText(first, { old: 7 })), [{ renamed: 7 }]);
      deepEqual(parseStateText(third, stateText(second, { renamed: 8 })), [{ renamed: 8 }]);
      deepEqual(parseStateText(third, stateText(third, [9])), [9]);
    });

    it("and are refused when they are newer, damaged, or were never written so", () => {
      throws(() => parseStateText(first, stateText(third, 1)), NewerVersionError);
      throws(() => parseStateText(third, stateText(second, 1).replace(":2,", ":1,")), /checksum/);
      throws(() => parseStateText(first, '{"version":2,"old":7}'), /version 2 without checksum/);
      throws(
        () => parseStateText({ ...first, migrations: [null] }, '{"version":1,"old":7}'),
        /no checksum/,
      );
    });
  });
});
