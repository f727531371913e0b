import { deepEqual, equal } from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "../../../src/lib/clock.js";
import { createLogger } from "../../../src/lib/logger.js";
import { reportPath, takeCompanionReport } from "../../../src/safety/companion-report.js";
import { spareMs } from "../../../src/safety/spare-time.js";
import { goodFacts, LIMITS, outlet } from "./good-facts.js";

describe("report of a companion", () => {
  let dir: string;
  const take = (): ReturnType<typeof takeCompanionReport> =>
    takeCompanionReport(dir, new ManualClock(), createLogger("silent"));

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "headframe-report-"));
  });

  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  it("is none where no companion acted", () => {
    equal(take(), undefined);
  });

  it("is read once and kept", () => {
    const report = { version: 1, atUnixMs: 1234, cause: "no beats", failed: 0 };
    writeFileSync(reportPath(dir), JSON.stringify(report));
    deepEqual(take(), report);
    equal(take(), undefined);
    deepEqual(readdirSync(dir), ["companion-1234.json"]);
  });

  it("is kept under another name when it cannot be read", () => {
    writeFileSync(reportPath(dir), '{"version":1,');
    equal(take(), undefined);
    equal(readdirSync(dir).filter((name) => name.startsWith("companion.unreadable-")).length, 1);
  });
});

describe("time that nobody need look at temperatures", () => {
  it("ends where the hottest board could be too hot", () => {
    const facts = goodFacts({ temperatures: [outlet({ tempC: LIMITS.boardCutC - 10, ageS: 2 })] });
    equal(spareMs(facts, LIMITS), 8000);
  });

  it("is none with a temperature that is not known or too high, or without one", () => {
    for (const temperatures of [
      [outlet({ tempC: undefined })],
      [outlet({ tempC: LIMITS.boardCutC + 1 })],
      [],
    ])
      equal(spareMs(goodFacts({ temperatures }), LIMITS), 0);
  });
});
