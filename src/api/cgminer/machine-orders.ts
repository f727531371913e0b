import type { MinerPicture } from "./picture.js";
import { boardAt } from "./board-replies.js";
import { notAvailable, type Orders } from "./orders.js";
import { profileWish } from "./profiles.js";
import { failure, success, type Reply } from "./reply.js";
import type { Session } from "./session.js";

export interface MachineOrder {
  readonly picture: MinerPicture;
  readonly parameter: string | undefined;
  readonly orders: Orders;
  readonly session: Session;
}

const INVALID_SESSION = failure(403, "Invalid session");

export function pause({ orders }: MachineOrder): Promise<Reply> {
  return orders.give("machine.pause", {}, success(406, "Mining paused"));
}

export function resume({ orders, picture }: MachineOrder): Promise<Reply> {
  return orders.give(wakingOrder(picture), {}, success(407, "Mining resumed"));
}

/** Hash power off within a second, or on again. */
export async function curtail(order: MachineOrder): Promise<Reply> {
  const { session, parameter, orders, picture } = order;
  const [what, ...more] = session.take(parameter) ?? [undefined];
  if (what === undefined) return INVALID_SESSION;
  if (more.length > 0 || !["sleep", "wakeup"].includes(what))
    return failure(409, "Expected SESSION,sleep or SESSION,wakeup");
  return what === "sleep"
    ? orders.give("machine.curtail", {}, success(401, "Curtailment started"))
    : orders.give(wakingOrder(picture), {}, success(401, "Curtailment ended"));
}

/** A clock by name, by steps, by watts or by hash rate. */
export async function setProfile({
  session,
  parameter,
  orders,
  picture,
}: MachineOrder): Promise<Reply> {
  const words = session.take(parameter);
  if (words === undefined) return INVALID_SESSION;
  const [name = ""] = words;
  const wish = profileWish(name, picture);
  if (wish === undefined) return failure(410, `Unknown profile '${name}'`);
  const rows = picture.boards.map(({ slot }) => ({ Board: slot, Profile: wish.name }));
  return orders.give("machine.set", wish.params, success(321, "Profile Set", "PROFILE", rows));
}

/** All lights of the machine: there is none for a colour alone. */
export async function setLed({ session, parameter, orders }: MachineOrder): Promise<Reply> {
  const words = session.take(parameter);
  if (words === undefined) return INVALID_SESSION;
  const [colour = "", how = ""] = words;
  if (!["red", "green"].includes(colour) || !["on", "off", "blink"].includes(how))
    return failure(409, "Expected SESSION,red,on|off|blink");
  return orders.give("machine.locate", { on: how !== "off" }, success(352, "LED set"));
}

export async function reboot({ session, parameter, orders }: MachineOrder): Promise<Reply> {
  if (session.take(parameter) === undefined) return INVALID_SESSION;
  return orders.give("system.reboot", {}, success(353, "Rebooting"));
}

/** Blinks the machine: boards have no light of their own. */
export function identifyBoard({
  picture,
  parameter,
  orders,
}: MachineOrder): Promise<Reply> | Reply {
  const found = boardAt(picture, parameter);
  if ("is" in found) return found;
  const done = success(113, `Identify command sent to ASC${found.index}`);
  return orders.give("machine.locate", {}, done);
}

export function switchBoard(
  { picture, parameter }: MachineOrder,
  command: "ascenable" | "ascdisable",
): Reply {
  const found = boardAt(picture, parameter);
  if ("is" in found) return found;
  return notAvailable(command, "boards are chosen by the field chains of the configuration");
}

export function setBoard({ picture, parameter }: MachineOrder): Reply {
  const [id = "", option] = (parameter ?? "").split(",");
  const found = boardAt(picture, id === "" ? undefined : id);
  if ("is" in found) return found;
  if (option === undefined || option.trim() === "")
    return failure(116, "Missing option after ASC number");
  return failure(117, `ASC ${found.index} does not support ascset`);
}

/** A new controller takes over. Nobody starts this program but a supervisor, so that ending it is the same. */
export function restart({ orders }: MachineOrder, word: "RESTART" | "BYE"): Promise<Reply> {
  return orders.give("machine.restart", {}, { is: "word", word });
}

export function zero({ parameter }: MachineOrder): Reply {
  if (parameter === undefined) return failure(94, "Missing zero parameters");
  const [what = "", isShown = ""] = parameter.toLowerCase().split(",");
  if (!["all", "bestshare"].includes(what) || !["true", "false"].includes(isShown))
    return failure(95, `Invalid zero parameter '${parameter}'`);
  return notAvailable("zero", "counters are kept for life");
}

function wakingOrder({ order }: MinerPicture): string {
  return order === "asleep" ? "machine.wake" : "machine.resume";
}
