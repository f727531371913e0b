import { deepEqual, ok } from "node:assert/strict";
import {
  EXPLAINED,
  MACHINES,
  S19_XP,
  S21_XP,
  S21_XP_DOMAINS,
  S21_XP_SETTINGS,
  type RegisterWriteCase,
} from "./register-write-cases.js";
import { sentBy } from "./sent.js";
import { vectorCases } from "./vectors.js";

describe("bring-up against the captured register writes", () => {
  const cases = vectorCases<RegisterWriteCase>("register_writes");

  for (const { id, chip, machine: title, frame } of cases) {
    if (S21_XP_DOMAINS.test(id)) continue;
    // BM1372 and BM1397 are not driven yet.
    for (const { name, geometry, settings } of MACHINES[`${chip} ${title}`] ?? []) {
      const frames = sentBy(name, geometry, settings).map(({ what }) => what);
      const reason = EXPLAINED[id];
      if (reason !== undefined)
        it(`${id}: not in ${name}: ${reason}`, () => {
          ok(!frames.includes(frame));
        });
      else
        it(`${id}: in ${name}`, () => {
          ok(frames.includes(frame), frame);
        });
    }
  }

  it("visits the domains of the S19 XP in the captured order", () => {
    const seen = cases
      .filter(({ id }) => /^bm1366-s19xp-(58|2c)-/.test(id) && EXPLAINED[id] === undefined)
      .map(({ frame }) => frame);
    const frames = sentBy("bm1366-s19xp", S19_XP, { freqMHz: 475, ticketDifficulty: 256 });
    deepEqual(keep(frames, seen), seen);
  });

  it("gives the domains of the S21 XP the captured drive and relay in the captured order", () => {
    const seen = cases.filter(({ id }) => S21_XP_DOMAINS.test(id)).map(({ frame }) => frame);
    deepEqual(keep(sentBy("bm1370-s21xp", S21_XP, S21_XP_SETTINGS), seen), seen);
  });

  it("gives the chips of the S21 XP the captured clock delay and hash counting number", () => {
    const ids = /^bm1370-s21xps21pro-(3c-00-2|3c-00-49|10-00-57)$/;
    const seen = cases.filter(({ id }) => ids.test(id)).map(({ frame }) => frame);
    const frames = keep(sentBy("bm1370-s21xp", S21_XP, S21_XP_SETTINGS), seen);
    deepEqual([...new Set(frames)].sort(), [...seen].sort());
  });

  function keep(frames: readonly { what: string }[], wanted: readonly string[]): string[] {
    return frames.map(({ what }) => what).filter((what) => wanted.includes(what));
  }
});
