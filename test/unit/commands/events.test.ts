import { equal } from "node:assert/strict";
import type { JournalEvent } from "../../../src/app/kept/journal.js";
import { eventText } from "../../../src/commands/events.js";

describe("an event as a line", () => {
  const event: JournalEvent = {
    ...{ atUnixMs: 1_700_000_000_000, uptimeS: 12.5, kind: "state", what: "fault" },
    ...{ code: "TEMPERATURE_CUT", context: { slot: 1, before: "hashing" } },
  };

  it("has times, what it is, the code and the facts", () => {
    equal(
      eventText(event),
      "2023-11-14T22:13:20.000Z  up       12.500 s  state    fault       TEMPERATURE_CUT slot=1 before=hashing",
    );
  });

  it("has no code where nothing is wrong", () => {
    equal(
      eventText({ ...event, what: "identify", code: null, context: { before: "off" } }),
      "2023-11-14T22:13:20.000Z  up       12.500 s  state    identify    before=off",
    );
  });
});
