import { verify } from "node:crypto";
import { Receipt, type Result } from "../mqtt/payloads.js";

/** What a receipt is worth. `unsigned`: there is none, or no key to check it with. */
export type CheckedReceipt =
  | { readonly is: "good"; readonly receipt: Receipt }
  | { readonly is: "bad"; readonly reason: "signature" | "content" }
  | { readonly is: "none"; readonly reason: "receipt" | "key" };

/** @param keyPem that the miner has told, in a message of its own */
export function checkReceipt(
  { receipt, sig }: Pick<Result, "receipt" | "sig">,
  asked: { readonly device: string; readonly id: string },
  keyPem: string | undefined,
): CheckedReceipt {
  if (receipt === undefined || sig === undefined) return { is: "none", reason: "receipt" };
  if (keyPem === undefined) return { is: "none", reason: "key" };
  if (!isSigned(receipt, sig, keyPem)) return { is: "bad", reason: "signature" };
  const said = Receipt.safeParse(parsed(receipt)).data;
  // Signed by the right machine, but perhaps about another order.
  if (said?.device !== asked.device || said.id !== asked.id)
    return { is: "bad", reason: "content" };
  return { is: "good", receipt: said };
}

function isSigned(text: string, sig: string, keyPem: string): boolean {
  try {
    return verify(null, Buffer.from(text, "utf8"), keyPem, Buffer.from(sig, "base64"));
  } catch {
    return false; // no key at all
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
