import { equal, ok } from "node:assert/strict";
import { ha1Of, isProven, parseProof } from "../../../../src/api/cgi/digest.js";
import { Nonces } from "../../../../src/api/cgi/nonces.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { vectors } from "../mqtt/vectors.js";

interface Case {
  readonly id: string;
  readonly user: string;
  readonly realm: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  readonly nc: string;
  readonly cnonce: string;
  readonly qop: string;
  readonly ha1: string;
  readonly response: string;
}

const { cases } = vectors<Case>("http-digest");
const FIVE_MIN_MS = 300_000;

function headerOf(each: Case): string {
  const { user, realm, nonce, uri, response, qop, nc, cnonce } = each;
  const counted = qop === "" ? "" : `, qop=${qop}, nc=${nc}, cnonce="${cnonce}"`;
  return `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}"${counted}`;
}

describe("the proof that a client of the stock pages gives", () => {
  for (const each of cases)
    it(`is right as the vectors have it: ${each.id}`, () => {
      equal(ha1Of(each.password), each.ha1);
      const proof = parseProof(headerOf(each))!;
      const request = { method: each.method, url: `http://192.0.2.7${each.uri}` };
      ok(isProven(proof, each.ha1, request));
      // Nothing of it may be another.
      ok(!isProven(proof, ha1Of("another one"), request));
      ok(!isProven(proof, each.ha1, { ...request, method: "PUT" }));
      ok(!isProven(proof, each.ha1, { ...request, url: `${request.url}?x=1` }));
      ok(!isProven({ ...proof, nonce: `${proof.nonce}0` }, each.ha1, request));
      ok(!isProven({ ...proof, username: "admin" }, each.ha1, request));
      ok(!isProven({ ...proof, realm: "other" }, each.ha1, request));
    });

  it("is none where a part is missing, twice, or of another kind", () => {
    const sound = headerOf(cases[0]!);
    ok(parseProof(sound) !== undefined);
    for (const wrong of [
      ...["", "Digest", "Digest ", "Basic cm9vdDpyb290", sound.replace("Digest", "Bearer")],
      ...[sound.replace(/nc=\w+, /, ""), sound.replace("qop=auth", "qop=auth-int")],
      ...[sound.replace(/response="\w+"/, 'response="00"'), `${sound}, algorithm=SHA-256`],
      ...[`${sound}, nc=00000001`, `${sound} trailing`, `${sound}, x="`, sound.replace('"', "")],
    ])
      equal(parseProof(wrong), undefined, wrong);
  });
});

describe("what such a proof is made for", () => {
  it("is good for five minutes, with a count that rises", async () => {
    const clock = new ManualClock();
    const nonces = new Nonces(clock);
    const nonce = nonces.issue();
    equal(nonces.judge(nonce), "good");
    ok(nonces.use(nonce, 1));
    ok(!nonces.use(nonce, 1));
    ok(nonces.use(nonce, 3));
    ok(!nonces.use(nonce, 2));
    await clock.advance(FIVE_MIN_MS - 1);
    ok(nonces.use(nonce, 4));
    await clock.advance(1);
    equal(nonces.judge(nonce), "old");
    ok(!nonces.use(nonce, 5));
  });

  it("is good once for who does not count", () => {
    const nonces = new Nonces(new ManualClock());
    const nonce = nonces.issue();
    ok(nonces.use(nonce));
    ok(!nonces.use(nonce));
    ok(!nonces.use(nonce, 2));
  });

  it("is known by its seal", () => {
    const nonces = new Nonces(new ManualClock());
    const nonce = nonces.issue();
    const other = `${nonce.startsWith("0") ? "1" : "0"}${nonce.slice(1)}`;
    for (const foreign of ["", "0", other, new Nonces(new ManualClock()).issue()]) {
      equal(nonces.judge(foreign), "unknown");
      ok(!nonces.use(foreign, 1));
    }
  });

  it("is not good a second time when there were more than can be remembered", async () => {
    const clock = new ManualClock();
    const nonces = new Nonces(clock);
    const first = nonces.issue();
    ok(nonces.use(first, 1));
    await clock.advance(1);
    for (let count = 0; count < 2048; count += 1) ok(nonces.use(nonces.issue(), 1));
    equal(nonces.judge(first), "old");
    ok(!nonces.use(first, 1));
    ok(nonces.use(nonces.issue(), 1));
  });
});
