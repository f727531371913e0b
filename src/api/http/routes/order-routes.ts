import * as z from "zod/mini";
import { CurtailWish } from "../../../app/machine-commands.js";
import { CONFIG_ERRORS, KEY_HEADER, order } from "../desk-order.js";
import { route, type Route } from "../route.js";

const Nothing = z.strictObject({});
const Params = z.record(z.string(), z.unknown());
const CommandReply = z.looseObject({
  order: z.string(),
  state: z.string(),
  isUnchanged: z.boolean(),
  isKept: z.boolean(),
});

const MINING = {
  pause: "Chips in reset, power on",
  resume: "Mine",
  sleep: "Power off, until wake or resume",
  wake: "End a sleep",
  curtail: "Power off at once, or down to so many watts",
} as const;

const CURTAIL_REFUSED = "POWER_TARGET_REFUSED";

function miningRoute(command: keyof typeof MINING): Route {
  const name = `machine.${command}`;
  return route({
    ...{ method: "post", path: `/mining/${command}`, needs: "operate", reply: CommandReply },
    ...{ summary: MINING[command], headers: KEY_HEADER },
    body: command === "curtail" ? CurtailWish : Nothing,
    errors: ["COMMAND_REFUSED", ...(command === "curtail" ? ([CURTAIL_REFUSED] as const) : [])],
    handle: (parts, call) => order(parts, call, name, call.body),
  });
}

/** What changes what the machine does: orders to the desk, which writes down who gave them. */
export const ORDER_ROUTES: readonly Route[] = [
  ...(Object.keys(MINING) as (keyof typeof MINING)[]).map(miningRoute),
  route({
    ...{ method: "post", path: "/mining/restart", needs: "operate" },
    ...{ summary: "End the controller for another to start; reads the configuration anew" },
    ...{ reply: z.looseObject({}), headers: KEY_HEADER },
    handle: (parts, call) => order(parts, call, "machine.restart", {}),
  }),
  route({
    ...{ method: "post", path: "/commands/{name}", needs: "own", headers: KEY_HEADER },
    summary: "Any command of the desk",
    pathParams: z.strictObject({ name: z.string() }),
    body: z.strictObject({
      params: z.optional(Params),
      /** Afterwards the order is refused. */
      expiresUnixMs: z.optional(z.number()),
    }),
    reply: z.object({ result: z.unknown() }),
    errors: [
      ...(["CONTROL_REFUSED", "COMMAND_REFUSED", "COMMAND_EXPIRED", "POOL_UNKNOWN"] as const),
      ...(["TRIP_UNKNOWN", "PLL_UNREACHABLE", "POWER_TARGET_REFUSED"] as const),
      ...(["LOCATE_UNAVAILABLE", "REBOOT_UNAVAILABLE", "EVENTS_MISSING"] as const),
      ...(["UPDATE_UNAVAILABLE", "UPDATE_BUSY", "UPDATE_UNCONFIRMED", "UPDATE_NOTHING"] as const),
      ...(["UPDATE_BELOW_FLOOR", "KEY_INVALID", "KEY_UNKNOWN", "KEY_IS_LAST"] as const),
      ...CONFIG_ERRORS,
    ],
    handle: async (parts, call) => {
      const { params = {}, expiresUnixMs = null } = call.body;
      return { result: (await order(parts, call, call.path.name, params, expiresUnixMs)) ?? null };
    },
  }),
  route({
    ...{ method: "get", path: "/trips", needs: "read", summary: "What cut the power" },
    reply: z.object({ trips: z.array(z.looseObject({ id: z.string(), code: z.string() })) }),
    handle: (parts, call) => order(parts, call, "trips.list", {}),
  }),
  route({
    ...{ method: "post", path: "/trips/{id}/clear", needs: "operate", headers: KEY_HEADER },
    summary: "The owner knows of a trip: what it stopped is tried again",
    pathParams: z.strictObject({ id: z.string() }),
    reply: z.object({ trip: z.looseObject({ id: z.string() }) }),
    errors: ["TRIP_UNKNOWN"],
    handle: (parts, call) => order(parts, call, "trips.clear", { id: call.path.id }),
  }),
];
