import { deepEqual, equal, ok } from "node:assert/strict";
import { ALARM_NATS, MissingShares, RefusedShares } from "../../../src/mining/shortfall-test.js";

/** xorshift32: fast, and the same on every run. */
function randomOf(seed: number): () => number {
  let state = seed * 2_654_435_761 + 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Draws of a Poisson distribution. */
function poissonOf(mean: number, random: () => number): () => number {
  const upTo: number[] = [];
  let chance = Math.exp(-mean);
  let sum = 0;
  for (let count = 0; count < mean + 12 * Math.sqrt(mean) + 12; count++) {
    sum += chance;
    upTo.push(sum);
    chance *= mean / (count + 1);
  }
  const middle = Math.floor(mean);
  return () => {
    const draw = random();
    let count = middle;
    while (count > 0 && draw < (upTo[count - 1] ?? 0)) count--;
    while (count < upTo.length - 1 && draw >= (upTo[count] ?? 1)) count++;
    return count;
  };
}

/** Looks until the alarm of each of 15 machines; the longest. */
function slowest(make: (seed: number) => () => boolean): number {
  const looks = Array.from({ length: 15 }, (_, seed) => {
    const look = make(seed + 1);
    let count = 1;
    while (!look()) count++;
    return count;
  });
  return Math.max(...looks);
}

describe("shortfall test", () => {
  // 14.4 million looks take longer than a unit test should; fewer would not show what is claimed.
  it("gives no alarm in 10,000 days of a fair pool, looked at each minute", function () {
    this.timeout(120_000);
    const random = randomOf(1);
    const missing = new MissingShares();
    const refused = new RefusedShares();
    let strongest = 0;
    let untilRefusal = 150;
    for (const sharesPerLook of [20, 0.5]) {
      const found = poissonOf(sharesPerLook, random);
      for (let look = 0; look < 5000 * 1440; look++) {
        const shares = found();
        // 0.5 % are stale.
        let accepted = shares;
        for (untilRefusal -= shares; untilRefusal <= 0; accepted--)
          untilRefusal += Math.ceil(Math.log(random() + 1e-12) / Math.log(1 - 0.005));
        if (missing.look(sharesPerLook, shares) || refused.look(shares, Math.max(0, accepted)))
          throw new Error(`alarm in minute ${look}`);
        if (look % 16 === 0) strongest = Math.max(strongest, missing.nats, refused.nats);
      }
    }
    ok(strongest > 5, "the evidence did move");
    ok(strongest < ALARM_NATS);
  });

  const PER_LOOK = 20; // a share each 3 s

  /** A pool that refuses a part of the shares, beside 0.1 % of stale ones. */
  const refusing =
    (part: number, perLook = PER_LOOK) =>
    (seed: number) => {
      const test = new RefusedShares();
      const random = randomOf(seed);
      const found = poissonOf(perLook, random);
      return (): boolean => {
        const shares = found();
        let accepted = 0;
        for (let share = 0; share < shares; share++) if (random() > part + 0.001) accepted++;
        return test.look(shares, accepted);
      };
    };

  const withholding = (part: number) => (seed: number) => {
    const test = new MissingShares();
    const found = poissonOf(PER_LOOK * (1 - part), randomOf(seed));
    return (): boolean => test.look(PER_LOOK, found());
  };

  it("finds a pool that refuses half within 3 minutes at a share each 3 s, within an hour at one each 30 s", () => {
    ok(slowest(refusing(0.5)) <= 3);
    ok(slowest(refusing(0.5, 2)) <= 60);
  });

  it("finds a pool that keeps back 2 % within 8 hours at a share each 3 s", () => {
    const minutes = slowest(refusing(0.02));
    ok(minutes <= 8 * 60, `${minutes} minutes`);
  });

  it("finds that half of the shares are missing within 20 minutes, and a tenth within 8 hours", () => {
    ok(slowest(withholding(0.5)) <= 20);
    ok(slowest(withholding(0.1)) <= 8 * 60);
  });

  it("says what the alarm rests on, from where the shortfall began", () => {
    const test = new RefusedShares();
    for (let look = 0; look < 1000; look++) test.look(20, 20);
    equal(test.nats, 0);
    let looks = 1;
    while (!test.look(20, 10)) looks++;
    deepEqual(test.shortfall, { looks, promised: 20 * looks, seen: 10 * looks });
  });

  it("alarms once, and again only after the pool was fair for a while", () => {
    const test = new RefusedShares();
    const alarms = (looks: number, accepted: number): number =>
      Array.from({ length: looks }, () => test.look(20, accepted)).filter(Boolean).length;
    equal(alarms(100, 10), 1);
    equal(test.isAlarmed, true);
    equal(alarms(5, 20), 0);
    equal(test.isAlarmed, true);
    equal(alarms(2000, 20), 0);
    equal(test.isAlarmed, false);
    equal(alarms(100, 10), 1);
  });

  it("sees nothing in a machine that does not work", () => {
    const test = new MissingShares();
    for (let look = 0; look < 1e5; look++) equal(test.look(0, 0), false);
    equal(test.nats, 0);
  });

  it("is not moved by shares that every nonce promises", () => {
    const test = new MissingShares();
    for (let look = 0; look < 1000; look++) test.look(500, 500);
    equal(test.nats, 0);
  });
});
