import { isDeepStrictEqual } from "node:util";
import type { Config } from "../../app/config.js";
import type { ConfigView } from "../../app/config-commands.js";
import { isMinerError } from "../../lib/errors.js";
import { findingOf, findingText } from "../../lib/finding.js";
import type { JsonObject } from "../../lib/merge-patch.js";
import type { Snapshot } from "../../telemetry/snapshot.js";
import { confWish, type ConfWish } from "./miner-conf.js";
import { json, posted, type PageAnswer } from "./page-answer.js";
import type { PageOrders } from "./page-orders.js";
import { mergedPools } from "./pool-slots.js";

/** Documented: what a stock page says. */
const DONE = { stats: "success", code: "M000", msg: "OK!" };
const REFUSED = { stats: "error", code: "M001" };
const ILLEGAL = { ...REFUSED, msg: "Illegal request!" };
const BUSY = { ...REFUSED, msg: "request busy" };

/** Does what a page wants, or tells why not. All of it is checked before anything is changed. */
export async function setMinerConf(
  body: string,
  config: () => Config,
  orders: PageOrders,
): Promise<PageAnswer> {
  const plain = posted(body);
  if (plain === undefined) return json(ILLEGAL);
  try {
    const { state } = await orders.give<Snapshot>("status");
    await obey(confWish(plain, config(), state.order), orders);
    return json(DONE);
  } catch (error) {
    if (!isMinerError(error)) throw error;
    // Somebody else has changed it meanwhile.
    if (error.code === "CONFIG_CHANGED") return json(BUSY);
    return json({ ...REFUSED, msg: findingText(findingOf(error)) });
  }
}

async function obey({ pools, fan, freqMHz, order }: ConfWish, orders: PageOrders): Promise<void> {
  const { config, revision } = await orders.give<ConfigView>("config.get");
  const before = config["pools"] as readonly JsonObject[];
  const after = mergedPools(before, pools ?? []);
  const patch = {
    ...(!isDeepStrictEqual(after, before) && { pools: after }),
    ...(freqMHz !== undefined && { freqMHz }),
  };
  if (fan !== undefined)
    await orders.give("config.check", { patch: { ...patch, cooling: fan }, revision });
  if (Object.keys(patch).length > 0) await orders.give("config.set", { patch, revision });
  if (fan !== undefined) await orders.give("cooling.set", fan);
  if (order !== undefined) await orders.give(`machine.${order}`);
}
