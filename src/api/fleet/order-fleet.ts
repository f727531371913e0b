import { randomBytes } from "node:crypto";
import type { MqttConfig } from "../../app/mqtt-config.js";
import { systemClock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import { FleetOrder, type FleetOrderOptions } from "./fleet-order.js";
import { fleetOutcome, type FleetOutcome } from "./fleet-outcome.js";
import { FleetRoll } from "./fleet-roll.js";
import { OperatorLink, type OperatorMessage } from "./operator-link.js";

const ALL = "all";

export interface FleetWish extends Pick<FleetOrderOptions, "name" | "actor" | "waitMs"> {
  readonly mqtt: Pick<MqttConfig, "brokers" | "prefix">;
  /** `all`, or the name of a group. */
  readonly fleet: string;
  /** Called now and then while answers come. */
  readonly onProgress: (answered: number, known: number) => void;
}

const PROGRESS_MS = 500;

/**
 * Finds out who is there, orders, and judges what comes back.
 * Rejects with MQTT_FILE_UNREADABLE, FLEET_BROKER_UNREACHABLE, FLEET_EMPTY
 */
export async function orderFleet(wish: FleetWish): Promise<FleetOutcome> {
  const { mqtt, fleet, name, actor, waitMs, onProgress } = wish;
  const [broker] = mqtt.brokers;
  if (broker === undefined) throw new MinerError("USAGE", { field: "broker" });
  const token = randomBytes(6).toString("hex");
  const [client, id] = [`ops-${token}`, `${name.replace("mining.", "")}-${token}`];
  const group = fleet === ALL ? undefined : fleet;
  const roll = new FleetRoll(mqtt.prefix, systemClock);
  let take = (message: OperatorMessage): void => {
    roll.take(message.topic, message.payload);
  };
  const link = await OperatorLink.open(broker, client, (message) => {
    take(message);
  });
  try {
    const order = new FleetOrder({
      ...{ prefix: mqtt.prefix, group, name, id, client, actor, waitMs, roll, link },
      clock: systemClock,
    });
    await link.subscribe([order.answerTopic]);
    await link.subscribe(roll.topics);
    await roll.settled();
    await link.unsubscribe(roll.topics);
    take = (message) => {
      order.take(message);
    };
    const known = roll.online(group).length;
    const timer = setInterval(() => {
      onProgress(order.answered, known);
    }, PROGRESS_MS);
    const answers = await order.run().finally(() => {
      clearInterval(timer);
    });
    return fleetOutcome(id, answers, (miner) => roll.keyOf(miner));
  } finally {
    await link.close();
  }
}
