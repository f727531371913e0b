import { connectAsync, type MqttClient } from "mqtt";

interface Heard {
  readonly topic: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const OWN = "miners/v1/board";
const ANSWERS = `${OWN}/res/owner`;

/** Who watches the board and gives it orders, at the broker. */
export class Owner {
  readonly heard: Heard[] = [];
  readonly #client: MqttClient;
  #orders = 0;

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on("message", (topic, bytes) => {
      this.heard.push({ topic, body: JSON.parse(bytes.toString()) as Heard["body"] });
    });
  }

  static async connect(url: string): Promise<Owner> {
    const owner = new Owner(await connectAsync(url));
    await owner.#client.subscribeAsync("miners/v1/#");
    return owner;
  }

  /** Events of one code, the oldest first. */
  events(code: string): readonly Heard["body"][] {
    const isOne = ({ topic, body }: Heard): boolean =>
      topic.startsWith(`${OWN}/event/`) && body["code"] === code;
    return this.heard.filter(isOne).map(({ body }) => body);
  }

  /** The answer comes some time, among what is heard. */
  async order(name: string, args: object): Promise<string> {
    const id = `order-${String(Date.now())}-${String(++this.#orders)}`;
    const text = JSON.stringify({ v: 1, id, args, res: ANSWERS });
    await this.#client.publishAsync(`${OWN}/cmd/${name}`, text, { qos: 1 });
    return id;
  }

  answer(id: string): Heard["body"] | undefined {
    return this.heard.find(({ topic, body }) => topic === ANSWERS && body["id"] === id)?.body;
  }

  stop(): void {
    this.#client.end(true);
  }
}
