import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { Info, LAYOUT, Receipt, Result } from "../../../src/api/mqtt/payloads.js";

const DEVICE = "02005e100001";
const OWN = `miners/v1/${DEVICE}`;
const ANSWERS = `${OWN}/res/bench`;

/** What a miner said to a curtailment. */
export interface CurtailAnswer {
  readonly id: string;
  readonly result: Result;
}

/** The field `mqtt` of the configuration of the miner that is ordered. */
export function mqttField(url: string): object {
  const commands = ["mining.curtail", "mining.resume"];
  return { brokers: [{ url }], deviceId: DEVICE, commands };
}

/** Somebody at the broker who curtails one miner. */
export class MqttOrders {
  readonly #client: MqttClient;
  readonly #answers = new Map<string, (result: Result) => void>();
  #keyPem: string | undefined;
  #ids = 0;

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on("message", (topic, payload) => {
      const value: unknown = JSON.parse(payload.toString());
      if (topic === `${OWN}/info`) this.#keyPem = Info.parse(value).key.pem;
      else this.#take(Result.parse(value));
    });
  }

  static async open(url: string): Promise<MqttOrders> {
    const client = await connectAsync(url, { protocolVersion: 5 });
    const orders = new MqttOrders(client);
    await client.subscribeAsync([ANSWERS, `${OWN}/info`], { qos: 1 });
    return orders;
  }

  /** Resolves with the answer. */
  async curtail(): Promise<CurtailAnswer> {
    const id = `bench-${String(++this.#ids)}`;
    const answer = new Promise<Result>((resolve) => this.#answers.set(id, resolve));
    const order = { v: LAYOUT, id, exp: Date.now() + 60_000 };
    this.#client.publish(`${OWN}/cmd/mining.curtail`, JSON.stringify(order), {
      qos: 1,
      properties: { responseTopic: ANSWERS },
    });
    return { id, result: await answer };
  }

  /** How many of the answers have a receipt of this miner for this order that openssl finds well signed. */
  verified(answers: readonly CurtailAnswer[]): number {
    const folder = mkdtempSync(join(tmpdir(), "headframe-receipts-"));
    try {
      return answers.filter((answer) => this.#isVerified(answer, folder)).length;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }

  #isVerified({ id, result: { receipt = "", sig = "" } }: CurtailAnswer, folder: string): boolean {
    const { device, id: of } = Receipt.parse(JSON.parse(receipt));
    const file = (name: string, content: string | Buffer): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const key = ["-pubin", "-inkey", file("pub.pem", this.#keyPem ?? "")];
    const signed = ["-in", file("receipt", receipt)];
    const sign = ["-sigfile", file("sig", Buffer.from(sig, "base64"))];
    const args = ["pkeyutl", "-verify", ...key, "-rawin", ...signed, ...sign];
    const said = execFileSync("openssl", args, { encoding: "utf8" });
    return said.includes("Verified Successfully") && device === DEVICE && of === id;
  }

  #take(result: Result): void {
    if (result.id !== null) this.#answers.get(result.id)?.(result);
  }
}
