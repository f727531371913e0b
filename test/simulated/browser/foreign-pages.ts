import { deepEqual, equal, match, ok } from "node:assert/strict";
import { browse } from "./chromium.js";
import { Gate, type Seen } from "./gate.js";

/** As in docs/http.md: the examples have set it. */
const PASSWORD = "correct horse battery";
/** A site of its own, and one that the browser takes for the miner's, so that the cookie comes along. */
const STRANGER = "stranger.example";
/** Its name leads to the miner after its page has been loaded. */
const REBOUND = "rebound.example";

/** Attempts that change something if they are let: why they are not. */
const REFUSED: Readonly<Record<string, string>> = {
  ...all("HTTP_ORIGIN_REFUSED", [
    ...["form", "form-multipart", "form-json", "form-sandboxed", "form-login", "blind"],
    ...["blind-text", "blind-omit", "blind-no-referrer", "beacon"],
  ]),
  // What a browser asks before: nothing of ours answers that.
  ...all("HTTP_METHOD_REFUSED", ["json", "json-omit", "json-csrf", "patch", "delete", "image"]),
};
const READS = ["script", "read", "read-omit", "events", "socket"];

function all(code: string, attempts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(attempts.map((attempt) => [attempt, code]));
}

/**
 * A browser whose user is logged in at the miner visits pages of others, which try what a page can. `settings` are the same
 * before and after; the same browser on a page of the miner itself changes something, before and after.
 */
export async function assertForeignPagesPowerless(
  minerPort: number,
  name: string,
  settings: () => Promise<unknown>,
): Promise<void> {
  const gate = await Gate.start(minerPort);
  const sibling = `sibling.${name}`;
  const owner = { host: name, miner: name, role: "owner" } as const;
  try {
    const before = await settings();
    const { first, ended } = gate.plan([
      { ...owner, password: PASSWORD },
      { host: STRANGER, miner: name, role: "stranger" },
      { host: sibling, miner: name, role: "stranger" },
      { host: REBOUND, miner: REBOUND, role: "stranger" },
      owner,
    ]);
    await browse(first, ended);
    deepEqual(await settings(), before);
    const [begun, , , , again] = gate.reports;
    for (const report of [begun, again]) assertOwner(report ?? {});
    for (const page of [STRANGER, sibling])
      assertRefused(gate.seen.filter((each) => each.page === page));
    for (const each of gate.seen.filter(({ page }) => page === REBOUND))
      deepEqual([each.status, each.code], [421, "HTTP_HOST_REFUSED"], each.attempt);
    assertCookies(gate.seen, sibling);
    for (const report of gate.reports.slice(1, 3)) assertUnread(report);
  } finally {
    await gate.stop();
  }
}

/** The test can fail: with the token that only a page of the miner's can read, the same request is obeyed. */
function assertOwner(heard: Readonly<Record<string, string>>): void {
  match(heard["pause"] ?? "", /^200 .*"order":"paused"/);
  match(heard["resume"] ?? "", /^200 /);
  match(heard["pause-without-token"] ?? "", /^403 .*HTTP_ORIGIN_REFUSED/);
}

function assertRefused(seen: readonly Seen[]): void {
  for (const [attempt, code] of Object.entries(REFUSED)) {
    const come = seen.filter((each) => each.attempt === attempt);
    ok(come.length > 0, `${attempt} has not come to the miner`);
    for (const each of come) equal(each.code, code, JSON.stringify(each));
  }
  for (const { attempt, method } of seen)
    ok(attempt in REFUSED || (READS.includes(attempt) && method === "GET"), attempt);
}

/** The user was logged in all the time, and the cookie went where a browser lets it go. */
function assertCookies(seen: readonly Seen[], sibling: string): void {
  const withCookie = (page: string): boolean =>
    seen.some((each) => each.page === page && each.hasCookie);
  deepEqual([STRANGER, sibling, REBOUND].map(withCookie), [false, true, false]);
}

/** Nor has a page of others read anything. */
function assertUnread(heard: Readonly<Record<string, string>>): void {
  for (const attempt of ["read", "read-omit", "events", "socket", "json", "patch", "delete"])
    match(heard[attempt] ?? "", /^blocked/, attempt);
  for (const [attempt, text] of Object.entries(heard))
    ok(!text.includes("stratum") && !/^2\d\d/.test(text), `${attempt}: ${text}`);
}
