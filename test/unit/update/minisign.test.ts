import { equal, throws } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertSigned, parsePublicKey } from "../../../src/update/minisign.js";
import { Signer } from "./bundles.js";

describe("signatures of minisign", () => {
  const message = Buffer.from("what is signed");

  it("takes what the tool signs with a key that the tool made, comment and all", () => {
    const dir = mkdtempSync(join(tmpdir(), "headframe-minisign-"));
    const [pub, sec, file] = ["key.pub", "key.sec", "message"].map((name) => join(dir, name));
    execFileSync("minisign", ["-G", "-W", "-f", "-p", String(pub), "-s", String(sec)]);
    writeFileSync(String(file), message);
    const comment = ["-t", "version 1"];
    execFileSync("minisign", ["-S", "-s", String(sec), "-m", String(file), ...comment]);
    const key = parsePublicKey(readFileSync(String(pub), "utf8"));
    const signature = readFileSync(`${String(file)}.minisig`, "utf8");
    equal(assertSigned(message, signature, [key]).trustedComment, "version 1");
    const other = signature.replace("version 1", "version 2");
    throws(() => assertSigned(message, other, [key]), { code: "UPDATE_SIGNATURE_WRONG" });
    const comments = readFileSync(String(pub), "utf8");
    equal(new RegExp(`public key ${key.id}`).test(comments), true);
    rmSync(dir, { recursive: true });
  });

  it("makes signatures in the tests that the tool takes", () => {
    const dir = mkdtempSync(join(tmpdir(), "headframe-minisign-"));
    const [signer, file] = [new Signer(), join(dir, "message")];
    writeFileSync(file, message);
    writeFileSync(`${file}.minisig`, signer.sign(message));
    execFileSync("minisign", ["-V", "-P", signer.publicText, "-m", file]);
    rmSync(dir, { recursive: true });
  });

  it("refuses every flipped bit of the message and of the lines that are signed", () => {
    const signer = new Signer();
    const keys = [parsePublicKey(signer.publicText)];
    const signature = Buffer.from(signer.sign(message));
    const start = signature.indexOf("\n") + 1;
    for (let bit = start * 8; bit < signature.length * 8; bit += 1)
      throws(() => assertSigned(message, flipped(signature, bit).toString("utf8"), keys));
    for (let bit = 0; bit < message.length * 8; bit += 1)
      throws(() => assertSigned(flipped(message, bit), signature.toString("utf8"), keys), {
        code: "UPDATE_SIGNATURE_WRONG",
      });
  });

  it("refuses keys that it does not know, another algorithm, and texts that are no key", () => {
    const signer = new Signer();
    const keys = [parsePublicKey(new Signer("1111111111111111").publicText)];
    throws(() => assertSigned(message, signer.sign(message), keys), { code: "UPDATE_KEY_UNKNOWN" });
    // The same id with another key.
    throws(
      () => assertSigned(message, signer.sign(message), [parsePublicKey(new Signer().publicText)]),
      {
        code: "UPDATE_SIGNATURE_WRONG",
      },
    );
    const legacy = signer.sign(message).replace("\nRU", "\nRW");
    throws(() => assertSigned(message, legacy, keys), { code: "UPDATE_BUNDLE_INVALID" });
    for (const text of ["", "x", signer.publicText.slice(4), `a\nb\n${signer.publicText}`])
      throws(() => parsePublicKey(text), { code: "KEY_INVALID" });
    equal(parsePublicKey(`untrusted comment: a\n${signer.publicText}\n`).id, signer.id);
  });
});

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
