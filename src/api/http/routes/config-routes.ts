import * as z from "zod/mini";
import { configJsonSchema } from "../../../app/config.js";
import { settingLimits } from "../../../app/setting-limits.js";
import { CONFIG_ERRORS, KEY_HEADER, order } from "../desk-order.js";
import { OrNull, YesNo } from "../fields.js";
import { Answer, route, type Call, type Route } from "../route.js";

const Fields = z.record(z.string(), z.unknown());
const IF_MATCH = { "If-Match": "the ETag of the configuration that the change was made for" };

const Plan = z.object({
  changes: z.array(
    z.object({
      path: z.string(),
      before: z.unknown(),
      after: z.unknown(),
      takesEffect: z.enum(["now", "restart"]),
    }),
  ),
  interruptsHashing: z.boolean(),
  needsRestart: z.boolean(),
  /** Of the configuration as it is now; not with a dry run. */
  revision: z.optional(z.string()),
});

const Pools = z.looseObject({
  revision: z.string(),
  pools: z.array(z.looseObject({ url: z.string(), user: z.string(), hasPassword: z.boolean() })),
  groups: z.array(z.object({ name: z.string(), quota: z.number() })),
});

const Limit = z.object({
  path: z.string(),
  min: OrNull,
  max: OrNull,
  choices: z.nullable(z.array(z.unknown())),
  nominal: z.unknown(),
});

/** Settings and pools. Secrets go in and never come out. */
export const CONFIG_ROUTES: readonly Route[] = [
  route({
    ...{ method: "get", path: "/config", needs: "read", reply: Fields },
    summary: "The configuration as its owner wrote it; (hidden) stands for secrets",
    errors: ["CONFIG_CHANGED"],
    handle: async (parts, call) => {
      const view = await order(parts, call, "config.get", {});
      const { config, revision } = view as { config: object; revision: string };
      return tagged(config, revision);
    },
  }),
  route({
    ...{ method: "patch", path: "/config", needs: "own", body: Fields, reply: Plan },
    summary: "Merges into the configuration (RFC 7396); what comes back as (hidden) stays",
    headers: { ...IF_MATCH, ...KEY_HEADER },
    query: z.strictObject({ dryRun: z._default(YesNo, false) }),
    errors: [...CONFIG_ERRORS, "PLL_UNREACHABLE", "POWER_TARGET_REFUSED", "COMMAND_REFUSED"],
    handle: async (parts, call) => {
      const revision = givenRevision(call);
      const params = { patch: call.body, ...(revision !== undefined && { revision }) };
      if (call.query.dryRun) return order(parts, call, "config.check", params);
      const done = (await order(parts, call, "config.set", params)) as { revision: string };
      return tagged(done, done.revision);
    },
  }),
  route({
    ...{ method: "get", path: "/config/schema", needs: "read", sharedFor: "config" },
    summary: "JSON Schema of the configuration",
    reply: z.looseObject({}),
    handle: () => configJsonSchema(),
  }),
  route({
    ...{ method: "get", path: "/limits", needs: "read", sharedFor: "config" },
    summary: "What each setting may be on this machine, where it is bounded",
    reply: z.object({ settings: z.array(Limit) }),
    handle: ({ config }) => ({ settings: settingLimits(config()) }),
  }),
  route({
    ...{ method: "get", path: "/pools", needs: "read", reply: Pools },
    summary: "Pools as they are configured, and how each stands",
    handle: (parts, call) => pools(parts, call),
  }),
  route({
    ...{ method: "put", path: "/pools", needs: "own", reply: Pools },
    summary: "Other pools, at once; one that comes without password keeps that of its name",
    headers: { ...IF_MATCH, ...KEY_HEADER },
    body: z.strictObject({
      pools: z.array(z.looseObject({ name: z.optional(z.string()) })),
      groups: z.optional(z.array(z.unknown())),
    }),
    errors: CONFIG_ERRORS,
    handle: async (parts, call) => {
      const revision = givenRevision(call) ?? (await pools(parts, call)).body.revision;
      const set = await order(parts, call, "pools.set", { ...call.body, revision });
      return tagged(set as PoolReply, (set as PoolReply).revision);
    },
  }),
];

type PoolReply = z.infer<typeof Pools>;

async function pools(
  parts: Parameters<typeof order>[0],
  { caller }: Pick<Call, "caller">,
): Promise<Tagged<PoolReply>> {
  const list = (await order(
    parts,
    { caller, headers: new Headers() },
    "pools.list",
    {},
  )) as PoolReply;
  return tagged(list, list.revision);
}

type Tagged<Body> = Answer & { readonly body: Body };

function tagged<Body>(body: Body, revision: string): Tagged<Body> {
  return new Answer(body, { ETag: `"${revision}"` }) as Tagged<Body>;
}

/** Undefined: whatever there is. */
function givenRevision({ headers }: Pick<Call, "headers">): string | undefined {
  const given = headers.get("if-match")?.trim();
  return given === undefined || given === "*" ? undefined : given.replace(/^"|"$/g, "");
}
