import { deepEqual, equal, ok } from "node:assert/strict";
import { chipLooks } from "../../../src/commands/watch-chips.js";
import { WatchHistory } from "../../../src/commands/watch-events.js";
import { duration, line, paint, span } from "../../../src/commands/watch-text.js";
import { watchLines } from "../../../src/commands/watch-view.js";
import type { Snapshot } from "../../../src/telemetry/snapshot.js";
import { chain, PARTS, pool, snapshot } from "./watch-snapshot.js";

const NOW_MS = 1_700_000_000_000;
const SIZE = { rows: 40, columns: 100 };

function textOf(history: WatchHistory, size = SIZE, nowMs = NOW_MS): readonly string[] {
  return watchLines(history, size, nowMs).map((spans) => paint(spans, size.columns, false));
}

function seen(...snapshots: readonly Snapshot[]): WatchHistory {
  const history = new WatchHistory();
  for (const one of snapshots) history.add(one, NOW_MS);
  return history;
}

/** A sound chain with a few chips that are not. */
function chips(differences: Readonly<Record<number, number>> = {}): readonly number[] {
  return Array.from({ length: 77 }, (_, chip) => differences[chip] ?? 1000 + (chip % 7));
}

describe("the look of a chip", () => {
  const kindsOf = (nonces: readonly number[]): readonly string[] =>
    chipLooks(chain(0, nonces)).map(({ kind }) => kind);

  it("is good where all are alike, weak or dead where one is not", () => {
    const kinds = kindsOf(chips({ 3: 700, 5: 0, 9: 800 }));
    deepEqual([kinds[0], kinds[3], kinds[5], kinds[9]], ["good", "weak", "dead", "weak"]);
    equal(kinds.filter((kind) => kind === "good").length, 74);
  });

  it("tells a weak one by tenths of the mean", () => {
    const look = chipLooks(chain(0, chips({ 3: 355 })))[3];
    deepEqual(look, { kind: "weak", tenths: 3 });
  });

  it("is not known before there are nonces enough", () => {
    deepEqual([...new Set(kindsOf([3, 0, 5, 1, 2, 4, 0, 6]))], ["unknown"]);
    deepEqual([...new Set(kindsOf([]))], []);
  });

  it("is not weak by chance", () => {
    deepEqual([...new Set(kindsOf([20, 25, 30, 18, 24, 16, 33, 21, 27, 14]))], ["good"]);
  });

  it("shows a chip with many errors", () => {
    const noisy = {
      ...chain(0, chips()),
      chipHardwareErrors: chips().map((_, chip) => (chip === 4 ? 99 : 0)),
    };
    deepEqual(
      chipLooks(noisy).flatMap(({ kind }, chip) => (kind === "errors" ? [chip] : [])),
      [4],
    );
  });
});

describe("the screen of watch", () => {
  const sound = snapshot(
    [chain(0, chips()), chain(1, chips({ 5: 0, 9: 500 }))],
    [pool("first", { role: "active", state: "ready", accepted: 12 }), pool("second")],
  );

  it("fills no more rows and columns than there are, and always says how to leave", () => {
    for (let rows = 1; rows < 50; rows++)
      for (const columns of [1, 10, 40, 80, 200]) {
        const text = textOf(seen(sound), { rows, columns });
        ok(text.length <= rows, `${text.length} of ${rows} rows`);
        ok(text.every((row) => row.length <= columns));
        ok("q quits".startsWith(text.at(-1) ?? ""));
      }
  });

  it("shows machine, chains, pools and every chip", () => {
    const text = textOf(seen(sound)).join("\n");
    for (const part of [
      "s19k-pro on virtual",
      "up 1 h 2 min",
      "20.00 +- 0.42 TH/s of 25.00 (80.0 %)",
    ])
      ok(text.includes(part), part);
    ok(text.includes("the pools credit 10.00 +- 0.50 TH/s"));
    ok(/^first +active +ready +12 /m.test(text));
    ok(text.includes(`0/0   ${"#".repeat(77)}`));
    ok(text.includes(`1/0   #####x###5${"#".repeat(67)}`));
    ok(text.includes("x dead"));
  });

  it("shows state, rail, watts, fans and boards", () => {
    const text = textOf(seen(sound)).join("\n");
    for (const part of [
      "hashing for 1 min 2 s",
      "rail on, set to 13.20 V, measured 13.19 V (1 min 15 s ago); 2712 W estimated; 24.7 J/TH",
      "fans 100 %: 6001 6002 rpm; hottest 49.3 C, control board 41.5 C",
    ])
      ok(text.includes(part), part);
    ok(/^1 +usable +BHB56902 +SER1 +outlet 49\.3/m.test(text), text);
  });

  it("says what is wrong with the machine, why it rests and what it waits for", () => {
    const error = { code: "FAN_MISSING" as const, context: { fan: 2 } };
    const failed = snapshot([], [], {
      state: { ...PARTS.state, is: "fault", error, retryInS: 25 },
      fans: {
        ...PARTS.fans,
        fans: PARTS.fans.fans.map((each) => ({ ...each, rpm: null, isGood: false })),
      },
      troubles: [error],
    });
    const text = textOf(seen(failed)).join("\n");
    for (const part of [
      "fault for 1 min 2 s, FAN_MISSING fan=2, again in 25 s",
      "fans 100 %: -! -! rpm",
      "\nFAN_MISSING fan=2",
    ])
      ok(text.includes(part), part);
    const curtailment = {
      ...{ receivedUnixMs: 1, powerOffUnixMs: 2, tookMs: 1 },
      ...{ confirmedBy: "readback" as const, confirmedUnixMs: 3 },
    };
    const curtailed = snapshot([], [], {
      state: { ...PARTS.state, is: "curtailed", order: "curtailed", curtailment },
    });
    ok(textOf(seen(curtailed)).join("\n").includes("the rail is measured as empty"));
    const starting = snapshot([], [], {
      state: { ...PARTS.state, is: "identify", order: "asleep" },
      ...{ rail: null, supply: null, boards: [], temperatures: [], hottestC: null },
      controlBoardTemperature: null,
    });
    const early = textOf(seen(starting)).join("\n");
    ok(early.includes("identify for 1 min 2 s, ordered: asleep"));
    ok(early.includes("no supply known"));
    ok(early.includes("no temperature known"));
  });

  it("leaves the boards out where there is no room for them", () => {
    equal(textOf(seen(sound), { rows: 18, columns: 100 }).join("\n").includes("BHB56902"), false);
  });

  it("names weak and dead chips where the map does not fit", () => {
    const text = textOf(seen(sound), { rows: 20, columns: 100 }).join("\n");
    ok(text.includes("chips: chain 1: dead 5, weak 9"), text);
    equal(text.includes("####"), false);
  });

  it("says why pools were left and why sessions failed", () => {
    const lastError = { code: "POOL_SILENT" as const, context: { silentMs: 180_000 } };
    const troubled = pool("first", {
      lastError,
      leftReason: "no answer",
      leftAgoS: 75,
      returnInS: 20,
    });
    const text = textOf(seen(snapshot([], [troubled]))).join("\n");
    ok(text.includes("first: POOL_SILENT silentMs=180000"));
    ok(text.includes("first: left 1 min 15 s ago: no answer"));
    ok(text.includes("first: gets the hash power back in 20 s"));
  });

  it("shows groups when there are several", () => {
    const group = (name: string): Snapshot["poolGroups"][number] => {
      const shown = { name, quota: 1, pools: [pool(`of-${name}`, { group: name })] };
      return shown as unknown as Snapshot["poolGroups"][number];
    };
    const grouped = snapshot([], [], { poolGroups: [group("east"), group("west")] });
    ok(
      /^of-east .* east$/m.test(
        textOf(seen(grouped))
          .map((row) => row.trimEnd())
          .join("\n"),
      ),
    );
  });

  it("says for how long the controller has not answered, and keeps what was last known", () => {
    const history = seen(sound);
    history.addSilence(NOW_MS);
    history.addSilence(NOW_MS + 5000);
    const text = textOf(history, SIZE, NOW_MS + 65_000).join("\n");
    ok(text.includes("NO ANSWER from the controller for 1 min 5 s"));
    ok(text.includes("first"));
    equal(history.events.length, 1);
    history.add(sound, NOW_MS);
    equal(textOf(history).join("\n").includes("NO ANSWER"), false);
    equal(history.events[0]?.text, "the controller answers");
  });

  it("waits when there was no answer at all", () => {
    const history = new WatchHistory();
    history.addSilence(NOW_MS);
    ok(textOf(history).join("\n").includes("waiting for the first answer"));
  });
});

describe("the events of watch", () => {
  const before = snapshot([chain(0, [])], [pool("first", { accepted: 1 }), pool("second")]);

  it("tell what the machine does and which boards it uses", () => {
    const error = { code: "SENSOR_SILENT" as const, context: { slot: 1 } };
    const [first, second] = PARTS.boards;
    const after = snapshot([chain(0, [])], [pool("first", { accepted: 1 }), pool("second")], {
      state: { ...PARTS.state, is: "fault", error },
      boards: [first!, { ...second!, verdict: "isolated", error }],
    });
    deepEqual(
      seen(before, after).events.map(({ text, isTrouble }) => [text, isTrouble]),
      [
        ["board 1: isolated (SENSOR_SILENT)", true],
        ["machine: fault (SENSOR_SILENT)", true],
      ],
    );
  });

  it("tell shares, roles, states and difficulties that changed", () => {
    const after = snapshot(
      [{ ...chain(0, []), state: "faulted" }],
      [
        pool("first", {
          accepted: 3,
          rejected: 1,
          rejectReasons: { "low-difficulty": 1 } as never,
          role: "collecting",
          difficulty: 64,
        }),
        pool("second", { role: "active", state: "ready" }),
        pool("third"),
      ],
    );
    const texts = seen(before, after).events.map(({ text }) => text);
    for (const text of [
      "first: 2 shares accepted",
      "first: share rejected: low-difficulty",
      "first: collecting, was off",
      "first: difficulty 64",
      "second: active, was off",
      "second: ready",
      "third: new pool",
      "chain 0: faulted",
    ])
      ok(texts.includes(text), `${text} in ${texts.join("; ")}`);
  });

  it("tell nothing when nothing happened, and of a new controller only that it is new", () => {
    deepEqual(seen(before, before).events, []);
    const process = { pid: 8, uptimeS: 1, rssMb: 1, cpuS: 1 };
    const anew = seen(before, { ...before, poolGroups: [], process }).events;
    deepEqual(
      anew.map(({ text }) => text),
      ["the controller was started anew, 0.1.0"],
    );
  });
});

describe("text for a terminal", () => {
  it("is cut to its width, with colours around what is left", () => {
    const text = line("ab", span("cdef", "bad"));
    equal(paint(text, 4, false), "abcd");
    equal(paint(text, 4, true), "ab\x1b[31;1;7mcd\x1b[0m");
    equal(paint(text, 1, true), "a");
  });

  it("cannot move the cursor, whatever a pool says", () => {
    equal(paint(line("a\x1b[2Jb\nc\x9b1m"), 80, false), "a [2Jb c 1m");
  });

  it("says times as people do", () => {
    deepEqual([0, 59, 61, 3600, 90_000].map(duration), [
      "0 s",
      "59 s",
      "1 min 1 s",
      "1 h 0 min",
      "1 d 1 h",
    ]);
  });
});
