import * as z from "zod/mini";
import { LocateWish } from "../../../app/locator.js";
import { KEY_HEADER, order } from "../desk-order.js";
import { Whole } from "../fields.js";
import { route, type Route } from "../route.js";

const Line = z.object({
  atUnixMs: z.number(),
  level: z.string(),
  message: z.string(),
  facts: z.record(z.string(), z.unknown()),
});

/** The control board, and what those need who help from afar. */
export const SYSTEM_ROUTES: readonly Route[] = [
  route({
    ...{ method: "post", path: "/system/locate", needs: "operate", headers: KEY_HEADER },
    summary: "Lets a light of the control board blink",
    body: LocateWish,
    reply: z.looseObject({ isOn: z.boolean(), endsUnixMs: z.nullable(z.number()) }),
    errors: ["LOCATE_UNAVAILABLE"],
    handle: (parts, call) => order(parts, call, "machine.locate", call.body),
  }),
  route({
    ...{ method: "post", path: "/system/reboot", needs: "operate", headers: KEY_HEADER },
    summary: "Power off, then starts the control board anew",
    reply: z.looseObject({ accepted: z.boolean() }),
    errors: ["REBOOT_UNAVAILABLE"],
    handle: (parts, call) => order(parts, call, "system.reboot", {}),
  }),
  route({
    ...{ method: "get", path: "/system/logs", needs: "read", sharedFor: "second" },
    summary: "Lines of the log since the program began, oldest first",
    query: z.strictObject({
      last: z.optional(Whole),
      sinceUnixMs: z.optional(Whole),
      level: z.optional(z.enum(["debug", "info", "warn", "error"])),
    }),
    reply: z.object({ lines: z.array(Line) }),
    errors: ["CONTROL_REFUSED"],
    handle: (parts, call) => order(parts, call, "logs", call.query),
  }),
  route({
    ...{ method: "get", path: "/system/support", needs: "read", reply: "application/gzip" },
    summary: "A support bundle (tar.gz) without secrets",
    query: z.strictObject({ maxBytes: z.optional(Whole) }),
    errors: ["CONTROL_REFUSED"],
    handle: async (parts, call) => {
      const made = await order(parts, call, "support.bundle", call.query);
      const { name, base64 } = made as { readonly name: string; readonly base64: string };
      const headers = {
        "Content-Type": "application/gzip",
        "Content-Disposition": `attachment; filename="${name.replace(/[^\w.-]/g, "_")}"`,
      };
      return new Response(Buffer.from(base64, "base64"), { headers });
    },
  }),
];
