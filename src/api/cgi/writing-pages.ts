import * as z from "zod/mini";
import { isMinerError } from "../../lib/errors.js";
import type { AccessBook } from "../http/auth/access-book.js";
import { Password } from "../http/auth/password.js";
import { json, posted, type PageAnswer } from "./page-answer.js";
import type { PageOrders } from "./page-orders.js";

const Blink = z.looseObject({ blink: z.union([z.boolean(), z.enum(["true", "false"])]) });
const Passwords = z.looseObject({ curPwd: z.string(), newPwd: z.string(), confirmPwd: z.string() });

/** Documented: the codes of stock pages, here and below. Sheet management.md, 5.3. */
export async function blink(body: string, orders: PageOrders): Promise<PageAnswer> {
  const parsed = Blink.safeParse(posted(body));
  if (!parsed.success) return json({ code: "B001" });
  const on = String(parsed.data.blink) === "true";
  try {
    await orders.give("machine.locate", { on });
  } catch (error) {
    if (isMinerError(error)) return json({ code: "B001", msg: error.message });
    throw error;
  }
  return json({ code: on ? "B000" : "B100" });
}

/**
 * Another password of the owner, for everything.
 * Rejects with HTTP_BUSY
 */
export async function passwd(
  body: string,
  access: Pick<AccessBook, "isPassword" | "setPassword">,
  onChange: () => void,
): Promise<PageAnswer> {
  const parsed = Passwords.safeParse(posted(body));
  if (!parsed.success) return failed("P001", "Illegal request!");
  const { curPwd, newPwd, confirmPwd } = parsed.data;
  if (curPwd === "") return failed("P002", "Current password is empty!");
  if (newPwd === "") return failed("P003", "New password is empty!");
  if (newPwd !== confirmPwd) return failed("P004", "New Password does not match!");
  if (!(await access.isPassword(curPwd))) return failed("P001", "Current password invalid!");
  // No word of stock machines says so.
  if (!Password.safeParse(newPwd).success) return failed("P003", "New password: 10 to 200 letters");
  await access.setPassword(newPwd);
  onChange();
  return json({ stats: "success", code: "P000", msg: "OK!" });
}

function failed(code: string, msg: string): PageAnswer {
  return json({ stats: "error", code, msg });
}
