import { deepEqual, equal } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { choiceText, parseChoice, type SlotChoice } from "../../../src/update/slot-choice.js";

const SHELL_HALF = resolve("scripts/image/initramfs/lib/slot-choice.sh");

/** Prints for each file what is booted first and then, and whether it was a choice at all. */
const ORDERS = `. "$1"; shift
for file; do if choice_read "$file"; then is=choice; else is=none; fi; echo "$is $(choice_order)"; done`;

const SPEND = '. "$1"; choice_read "$2"; choice_spend "$2"';

const CHOICES: readonly SlotChoice[] = (["a", "b"] as const).flatMap((active) =>
  ([undefined, "a", "b"] as const).flatMap((trial) =>
    [0, 1, 9].map((triesLeft) => ({ active, trial, triesLeft })),
  ),
);

/** What the program means by a text. */
function meant(text: string): string {
  const choice = parseChoice(text);
  if (choice === undefined) return "none a b";
  const { active, trial, triesLeft } = choice;
  const other = active === "a" ? "b" : "a";
  const first = triesLeft > 0 ? (trial ?? active) : active;
  return `choice ${first} ${first === active ? other : active}`;
}

describe("the slot that the start of an image boots", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-choice-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function booted(texts: readonly string[]): string[] {
    const files = texts.map((text, index) => {
      const file = join(folder, String(index));
      writeFileSync(file, text);
      return file;
    });
    const output = execFileSync("sh", ["-c", ORDERS, "sh", SHELL_HALF, ...files]);
    return output.toString().trim().split("\n");
  }

  it("is the one that the program means, for every choice", () => {
    const texts = CHOICES.map(choiceText);
    deepEqual(booted(texts), texts.map(meant));
  });

  it("is the one that the program means, wherever the text breaks off", () => {
    const whole = choiceText({ active: "b", trial: "a", triesLeft: 1 });
    const texts = Array.from({ length: whole.length }, (_, length) => whole.slice(0, length));
    deepEqual(booted(texts), texts.map(meant));
  });

  it("is the one that the program means, whatever else stands there", () => {
    const whole = "ACTIVE=b\nTRY=a\nTRIES_LEFT=1\n";
    const texts = [
      ...["\0".repeat(whole.length), `${whole}\n`, `${whole}\0`, `\0${whole}`, ` ${whole}`],
      ...[whole.replace("\n", "\r\n"), whole.replace("1", "10"), whole.replace("1", "-1")],
      ...[whole.replace("1", "*"), whole.replace("=b", "=$(reboot)"), whole.replace("=a", "=é")],
      ...[whole.toLowerCase(), whole + whole, "ACTIVE=b\n\0TRY=a\nTRIES_LEFT=1\n", "."],
      ...["ACTIVE=b\nTRY=a\nTRIES_LEFT=1.", "ACTIVE=[ab]\nTRY=\nTRIES_LEFT=0\n"],
    ];
    deepEqual(booted(texts), texts.map(meant));
  });

  it("is the first where there is no file", () => {
    const output = execFileSync("sh", ["-c", ORDERS, "sh", SHELL_HALF, join(folder, "none")]);
    equal(output.toString(), "none a b\n");
  });

  it("is tried once less with each start", () => {
    const file = join(folder, "slots.env");
    writeFileSync(file, choiceText({ active: "a", trial: "b", triesLeft: 2 }));
    for (const triesLeft of [1, 0, 0]) {
      execFileSync("sh", ["-c", SPEND, "sh", SHELL_HALF, file]);
      equal(readFileSync(file, "utf8"), choiceText({ active: "a", trial: "b", triesLeft }));
    }
  });
});
