import { deepEqual, equal, ok } from "node:assert/strict";
import { MAINNET, virtualNetwork } from "../../../../src/bitcoin/network.js";
import { checkTranscript } from "../../../../src/pool/transcript/check-transcript.js";
import { checkText } from "./check-text.js";
import { TranscriptText, TRIVIAL } from "./transcript-text.js";

describe("a transcript", () => {
  it("may have comments, blank lines and carriage returns", async () => {
    const { text } = new TranscriptText().open().share().accepted();
    const dressed = `# recorded yesterday\n\n  # again\n${text.replaceAll("\n", "\r\n")}`;
    const { submits, totals } = await checkText(dressed);
    deepEqual(
      submits.map(({ verdict }) => verdict),
      ["good"],
    );
    equal(totals.unreadableLines, 0);
  });

  it("has its unreadable lines named with their numbers and is checked to its end", async () => {
    const transcript = new TranscriptText()
      .open()
      .raw("this is no transcript")
      .raw("99.0 < <html>502 Bad Gateway</html>")
      .raw("99.0 > [1, 2]")
      .share()
      .accepted();
    const { submits, unreadable, totals } = await checkText(transcript.text);
    deepEqual(
      unreadable.map(({ line, expected }) => [line, expected]),
      [
        [9, "SECONDS > JSON or SECONDS < JSON"],
        [10, "a JSON object after the direction"],
        [11, "a JSON object after the direction"],
      ],
    );
    equal(totals.unreadableLines, 3);
    equal(submits.at(-1)?.verdict, "good");
    equal(submits.at(-1)?.line, 12);
  });

  it("has what the pool said wrongly named, and goes on as if it had not been said", async () => {
    const transcript = new TranscriptText()
      .open()
      .tell("mining.set_difficulty", 0)
      .tell("mining.notify", "2", "short")
      .share()
      .accepted();
    const { submits, unusable, totals } = await checkText(transcript.text);
    deepEqual(
      unusable.map(({ line }) => line),
      [9, 10],
    );
    equal(totals.unusableLines, 2);
    equal(submits[0]?.poolDifficulty, TRIVIAL);
  });

  it("may hold several sessions, each with its own extranonce, mask, workers and ids", async () => {
    const transcript = new TranscriptText()
      .open({ difficulty: 1 })
      .share({ id: 20, nonce: "00000001", bits: "00000000" })
      .open({ extranonce1: "00000001", mask: null })
      .share({ id: 20, nonce: "00000001", bits: null })
      .accepted(20)
      .share({ id: 21, job: "old" });
    const { submits, totals } = await checkText(transcript.text);
    deepEqual(
      submits.map(({ verdict, answer }) => [verdict, answer]),
      [
        ["low-difficulty", null],
        ["good", "accepted"],
        ["unknown-job", null],
      ],
    );
    equal(submits[0]?.hash === submits[1]?.hash, false);
    equal(totals.sessions, 2);
  });

  it("loses the jobs of a session when the next gets another extranonce1, and keeps them when not", async () => {
    const resumed = (extranonce1: string): TranscriptText =>
      new TranscriptText()
        .open({ mask: null })
        .subscribe(extranonce1)
        .ask("mining.authorize", ["account.worker", "x"])
        .answer(true)
        .share({ bits: null });
    equal((await checkText(resumed("aabbccdd").text)).submits[0]?.verdict, "good");
    equal((await checkText(resumed("00000001").text)).submits[0]?.verdict, "stale-job");
  });

  it("takes no mask over from the session before", async () => {
    const transcript = new TranscriptText()
      .open()
      .ask("mining.configure", [["version-rolling"], {}], 50)
      .ask("mining.subscribe", ["miner/1.0"], 51)
      .answer({ "version-rolling": false }, null, 50)
      .answer([[], "00000001", 4], null, 51)
      .ask("mining.authorize", ["account.worker", "x"], 52)
      .answer(true, null, 52)
      .job("1", { clean: true })
      .share();
    equal((await checkText(transcript.text)).submits[0]?.verdict, "bad-version-bits");
  });

  it("is judged by the difficulty of its network", async () => {
    const { text } = new TranscriptText().open({ difficulty: 1 / 16 }).share();
    const shift = 32;
    const mainnet = (await checkText(text, MAINNET)).submits[0]!;
    const virtual = (await checkText(text, virtualNetwork(shift))).submits[0]!;
    equal(mainnet.verdict, "low-difficulty");
    equal(virtual.verdict, "good");
    equal(virtual.difficulty! / mainnet.difficulty!, 2 ** shift);
  });

  it("adds up in the last line", async () => {
    const transcript = new TranscriptText()
      .open({ difficulty: 1e-10 })
      .share()
      .accepted()
      .share()
      .accepted()
      .share({ job: "none" })
      .refused("Invalid JobID")
      .share();
    const { totals } = await checkText(transcript.text);
    const { submits, accepted, rejected, unanswered, acceptedDifficulty, verdicts } = totals;
    deepEqual(
      { submits, accepted, rejected, unanswered, acceptedDifficulty },
      { submits: 4, accepted: 2, rejected: 1, unanswered: 1, acceptedDifficulty: 2e-10 },
    );
    equal(verdicts.good, 3);
    equal(verdicts["unknown-job"], 1);
  });

  it("is judged while it is read, also when a pool never answers", async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(new TranscriptText().open().text);
      for (;;) {
        await Promise.resolve();
        given += 1;
        const transcript = new TranscriptText();
        yield Buffer.from(transcript.share({ id: given, job: "none" }).text);
      }
    }
    for await (const item of checkTranscript(endless(), MAINNET))
      if ("verdict" in item && item.line > 1000) break;
    ok(given < 15_000, `${given} submits are held`);
  });

  it("may have a line that is longer than any program should keep", async () => {
    async function* chunks(): AsyncGenerator<Uint8Array> {
      await Promise.resolve();
      yield Buffer.from(`${new TranscriptText().open().text}99.0 < "`);
      for (let count = 0; count < 64; count++) yield Buffer.alloc(2 ** 20, "x");
      yield Buffer.from('"\n');
      yield Buffer.from(new TranscriptText().share().text);
    }
    const items = [];
    for await (const item of checkTranscript(chunks(), MAINNET)) items.push(item);
    deepEqual(items[0], { line: 9, text: "", expected: "at most 2 MiB" });
    ok("verdict" in items[1]! && items[1].verdict === "good");
  });
});
