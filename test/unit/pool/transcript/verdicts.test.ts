import { deepEqual, equal } from "node:assert/strict";
import type { SubmitCheck } from "../../../../src/pool/transcript/submit-check.js";
import { checkText } from "./check-text.js";
import { TranscriptText, TRIVIAL } from "./transcript-text.js";

/** Verdicts of all submits, in their order. */
async function verdicts(transcript: TranscriptText): Promise<readonly string[]> {
  return (await checkText(transcript.text)).submits.map(({ verdict }) => verdict);
}

async function last(transcript: TranscriptText): Promise<SubmitCheck> {
  const check = (await checkText(transcript.text)).submits.at(-1);
  if (check === undefined) throw new Error("no submit");
  return check;
}

const opened = (options: Parameters<TranscriptText["open"]>[0] = {}): TranscriptText =>
  new TranscriptText().open(options);

describe("the verdict on a share of a transcript", () => {
  it("is good for a share that meets its job's difficulty", async () => {
    const check = await last(opened().share().accepted());
    equal(check.verdict, "good");
    equal(check.answer, "accepted");
    equal(check.agrees, true);
    equal(check.poolDifficulty, TRIVIAL);
    equal(check.header?.length, 160);
    equal(check.hash?.length, 64);
  });

  it("is low-difficulty for one that does not", async () => {
    const check = await last(opened({ difficulty: 1 }).share().refused());
    equal(check.verdict, "low-difficulty");
    equal(check.answer, "Above target");
    equal(check.agrees, true);
  });

  it("goes by the difficulty that held when the job was announced", async () => {
    const harder = opened().tell("mining.set_difficulty", 1).job("2");
    deepEqual(await verdicts(harder.share({ job: "1" }).share({ job: "2" })), [
      "good",
      "low-difficulty",
    ]);
    const easier = opened({ difficulty: 1 }).tell("mining.set_difficulty", TRIVIAL).job("2");
    deepEqual(await verdicts(easier.share({ job: "1" }).share({ job: "2" })), [
      "low-difficulty",
      "good",
    ]);
  });

  it("goes by a target that the pool sent in place of a difficulty", async () => {
    const hard = opened().tell("mining.set_target", "00000000ffff".padEnd(64, "0")).job("2");
    const check = await last(hard.share({ job: "2" }));
    equal(check.verdict, "low-difficulty");
    equal(check.poolDifficulty, 1);
  });

  it("goes by difficulty 1 before the pool has said one", async () => {
    const silent = new TranscriptText()
      .subscribe()
      .ask("mining.authorize", ["account.worker", "x"]);
    equal((await last(silent.answer(true).job("1").share({ bits: null }))).poolDifficulty, 1);
  });

  it("is duplicate for the same header again, in whatever letters", async () => {
    const nonce = "0000abcd";
    const again = opened()
      .share({ nonce })
      .accepted()
      .share({ nonce: "0000ABCD" })
      .refused("Duplicate");
    deepEqual(await verdicts(again), ["good", "duplicate"]);
  });

  it("is unknown-job for an id that no job had, or had in another JSON type", async () => {
    deepEqual(await verdicts(opened().share({ job: "2" }).share({ job: 1 })), [
      "unknown-job",
      "unknown-job",
    ]);
  });

  it("is stale-job after a clean job", async () => {
    const check = await last(
      opened().job("2", { clean: true }).share({ job: "1" }).refused("Stale"),
    );
    equal(check.verdict, "stale-job");
    equal(check.header?.length, 160);
  });

  it("is stale-job after another previous hash, also when the pool did not say clean", async () => {
    deepEqual(await verdicts(opened().job("2", { block: "2" }).share({ job: "1" })), ["stale-job"]);
  });

  it("is good for an older job of the same block", async () => {
    deepEqual(await verdicts(opened().job("2").share({ job: "1" })), ["good"]);
  });

  it("is stale-job when the pool's new job was on its way", async () => {
    const crossed = opened().share({ job: "1" }).job("2", { clean: true }).refused("Job not found");
    const check = await last(crossed);
    equal(check.verdict, "stale-job");
    equal(check.agrees, true);
  });

  it("stays good when the pool calls it stale without having said so", async () => {
    const later = opened().share().refused("Stale").pause(1).job("2", { clean: true });
    const check = await last(later);
    equal(check.verdict, "good");
    equal(check.agrees, false);
  });

  it("is stale-job when the answer came just ahead of the new job", async () => {
    const check = await last(opened().share().refused("Stale").job("2", { clean: true }));
    equal(check.verdict, "stale-job");
    equal(check.agrees, true);
  });

  it("is stale-job for a share of what stood under the job's id before", async () => {
    const again = opened().tell("mining.set_difficulty", 1).job("1", { coinb1: "ff" }).share();
    equal((await last(again)).verdict, "stale-job");
  });

  it("is low-difficulty for work that was announced again at a higher difficulty", async () => {
    const again = opened().tell("mining.set_difficulty", 1).job("1").share();
    equal((await last(again)).verdict, "low-difficulty");
  });

  it("is wrong-extranonce2-size for too few bytes and too many", async () => {
    const sizes = opened().share({ extranonce2: "000001" }).share({ extranonce2: "0000000001" });
    deepEqual(await verdicts(sizes), ["wrong-extranonce2-size", "wrong-extranonce2-size"]);
  });

  it("goes by the extranonce that held when the job was announced", async () => {
    const changed = opened().tell("mining.set_extranonce", "11223344", 6).job("2");
    const shares = changed.share({ job: "1" }).share({ job: "2", extranonce2: "000000000001" });
    deepEqual(await verdicts(shares), ["good", "good"]);
    const [before, after] = (await checkText(shares.text)).submits;
    equal(before?.header === after?.header, false);
  });

  it("is ntime-too-old below the job's time and ntime-too-new two hours above it", async () => {
    const times = opened().share({ later: -1 }).share({ later: 0 }).share({ later: 7190 });
    deepEqual(await verdicts(times.share({ later: 7300 })), [
      "ntime-too-old",
      "good",
      "good",
      "ntime-too-new",
    ]);
    deepEqual(await verdicts(opened().pause(200).share({ later: 7300 })), ["good"]);
  });

  it("is bad-version-bits for bits outside the mask, for none when agreed on, for any without grant", async () => {
    const granted = opened()
      .share({ bits: "00000001" })
      .share({ bits: null })
      .share({ bits: "00000000" });
    deepEqual(await verdicts(granted), ["bad-version-bits", "bad-version-bits", "good"]);
    const plain = opened({ mask: null }).share({ bits: "00002000" }).share({ bits: null });
    deepEqual(await verdicts(plain), ["bad-version-bits", "good"]);
  });

  it("goes by a narrower mask at once", async () => {
    const narrowed = opened().share().tell("mining.set_version_mask", "00c00000").share();
    deepEqual(await verdicts(narrowed.share({ bits: "00400000" })), [
      "good",
      "bad-version-bits",
      "good",
    ]);
  });

  it("takes no mask from a pool that was not asked for one", async () => {
    const told = opened({ mask: null }).tell("mining.set_version_mask", "1fffe000");
    deepEqual(await verdicts(told.share({ bits: null })), ["good"]);
  });

  it("is worker-not-authorized for a name that was not authorized, or was refused later", async () => {
    const other = opened().share({ user: "account.other" }).refused("Worker mismatch");
    deepEqual(await verdicts(other), ["worker-not-authorized"]);
    const late = opened().ask("mining.authorize", ["account.late", "x"], "late");
    const refused = late
      .share({ user: "account.late" })
      .answer(false, null, "late")
      .refused("Unauthorized");
    deepEqual(await verdicts(refused), ["worker-not-authorized"]);
  });

  it("is not-subscribed when nothing says what extranonce1 is", async () => {
    deepEqual(await verdicts(new TranscriptText().share()), ["not-subscribed"]);
  });

  it("is malformed for values that are no share", async () => {
    const submits = opened()
      .ask("mining.submit", [])
      .ask("mining.submit", ["account.worker", "1", "00000001", "685468d7"])
      .share({ nonce: "zzzzzzzz" })
      .share({ nonce: "123" })
      .share({ extranonce2: "0" })
      .share({ bits: "2000" });
    deepEqual([...new Set(await verdicts(submits))], ["malformed"]);
  });
});

describe("the answer to a share of a transcript", () => {
  it("disagrees when a bad share is accepted or a good one refused", async () => {
    const { submits, totals } = await checkText(
      opened().share({ later: -1 }).accepted().share().refused("Above target").text,
    );
    deepEqual(
      submits.map(({ verdict, agrees }) => [verdict, agrees]),
      [
        ["ntime-too-old", false],
        ["good", false],
      ],
    );
    equal(totals.acceptedButWrong, 1);
    equal(totals.refusedButGood, 1);
  });

  it("is found by its id, whatever the order, the delay and the type of the id", async () => {
    const asked = opened().share({ id: 10 }).share({ id: 11 }).share({ id: "twelve" }).pause(300);
    const answered = asked.refused("Stale", "11").accepted("twelve").accepted("10");
    const { submits } = await checkText(answered.text);
    deepEqual(
      submits.map(({ id, answer }) => [id, answer]),
      [
        [10, "accepted"],
        [11, "Stale"],
        ["twelve", "accepted"],
      ],
    );
  });

  it("belongs to the oldest share when a miner uses one id for all", async () => {
    const { submits } = await checkText(
      opened().share({ id: 4 }).share({ id: 4 }).refused("first", 4).accepted(4).text,
    );
    deepEqual(
      submits.map(({ answer }) => answer),
      ["first", "accepted"],
    );
  });

  it("is null when none came, and does not hold up later shares for long", async () => {
    const { submits, totals } = await checkText(
      opened().share({ id: 10 }).pause(700).share({ id: 11 }).accepted(11).accepted(10).text,
    );
    deepEqual(
      submits.map(({ id, answer, agrees }) => [id, answer, agrees]),
      [
        [10, null, null],
        [11, "accepted", true],
      ],
    );
    equal(totals.unanswered, 1);
    equal(totals.strayAnswers, 1);
  });

  it("is the pool's code when it has no words, and its words in every dialect", async () => {
    const text = opened()
      .share()
      .answer(false, [21])
      .share()
      .answer(false, "Stale")
      .share()
      .answer(null, { code: 23, message: "High hash" })
      .share()
      .answer(false)
      .raw(`99.0 > {"id":90,"method":"mining.submit","params":[]}`)
      .raw(`99.1 < {"id":90,"result":false,"error":null,"reject-reason":"Above target"}`).text;
    deepEqual(
      (await checkText(text)).submits.map(({ answer }) => answer),
      ["rejected with code 21", "Stale", "High hash", "rejected", "Above target"],
    );
  });
});
