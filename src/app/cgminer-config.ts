import * as z from "zod/mini";
import { AccessList, wrongAllow, wrongGroups } from "./cgminer-access.js";
import type { Scope } from "./commands/command-entry.js";

/** Documented: cgminer API-README; every tool asks there. */
const PORT = 4028;
/** Everybody may ask, nobody may order. */
const ALLOW = "R:0/0";

/** The field `cgminer` of the configuration file; without it nothing listens. */
export const Cgminer = z.strictObject({
  on: z._default(z.boolean(), true),
  port: z._default(z.int().check(z.minimum(1), z.maximum(65535)), PORT),
  /** Address of this computer to listen at; all of them when left out. */
  listen: z.optional(z.string().check(z.regex(/^[\w.:-]{1,253}$/, "expected an address"))),
  /** Who may come in, as `api-allow` of cgminer: `[G:]addr[/bits],...`; the first match decides. */
  allow: z._default(
    z
      .string()
      .check(
        z.refine(
          (text) => text.trim() !== "" && wrongAllow(text) === undefined,
          "expected [G:]address[/bits], ... as in R:192.0.2.0/24,W:192.0.2.5",
        ),
      ),
    ALLOW,
  ),
  /** What groups beside R and W may do, as `api-groups` of cgminer: `P:switchpool:enablepool:*`. */
  groups: z._default(
    z
      .string()
      .check(
        z.refine(
          (text) => wrongGroups(text) === undefined,
          "expected G:command:command, ... with a letter other than R and W",
        ),
      ),
    "",
  ),
});
export type CgminerConfig = z.infer<typeof Cgminer>;

/** What the owner lets orders by this way do. */
export function cgminerScopes(cgminer: CgminerConfig | undefined): readonly Scope[] {
  if (cgminer?.on !== true) return [];
  return new AccessList(cgminer.allow, cgminer.groups).scopes;
}
