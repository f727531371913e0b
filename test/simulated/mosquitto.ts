import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type IPublishPacket, type MqttClient } from "mqtt";
import { makeAuthority, type TestAuthority } from "../certificates.js";
import { until } from "./until.js";

/** Debian puts it there; the path of an ordinary user lacks the folder. */
const MOSQUITTO = "/usr/sbin/mosquitto";

export interface Heard {
  readonly topic: string;
  readonly text: string;
  readonly packet: IPublishPacket;
}

/** Files of a client certificate. */
export interface ClientFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Debian's broker with TLS, client certificates and the rules of the vectors. */
export class Mosquitto {
  readonly port: number;
  readonly #folder: string;
  readonly #authority: TestAuthority;
  readonly #clients: MqttClient[] = [];
  readonly #files = new Map<string, Promise<ClientFiles>>();
  #process: ChildProcess | undefined;
  #log = "";

  private constructor(port: number, folder: string, authority: TestAuthority) {
    this.port = port;
    this.#folder = folder;
    this.#authority = authority;
  }

  static async start(acl: string): Promise<Mosquitto> {
    const folder = mkdtempSync(join(tmpdir(), "headframe-broker-"));
    const authority = await makeAuthority();
    const broker = new Mosquitto(await freePort(), folder, authority);
    const { certPem, keyPem } = await authority.issue({ ips: ["127.0.0.1"] });
    const ca = broker.#file("ca.pem", authority.certPem);
    const lines = [
      `listener ${broker.port} 127.0.0.1`,
      `cafile ${ca}`,
      `certfile ${broker.#file("broker.pem", certPem)}`,
      `keyfile ${broker.#file("broker.key", keyPem)}`,
      ...["require_certificate true", "use_identity_as_username true"],
      ...["use_username_as_clientid true", "allow_anonymous false"],
      `acl_file ${broker.#file("acl", acl)}`,
      ...["user root", "persistence false", "max_queued_messages 10000"],
    ];
    broker.#file("mosquitto.conf", `${lines.join("\n")}\n`);
    await broker.run();
    return broker;
  }

  get url(): string {
    return `mqtts://127.0.0.1:${this.port}`;
  }

  /** Starts the process, which must not run. */
  async run(): Promise<void> {
    const broker = spawn(MOSQUITTO, ["-c", join(this.#folder, "mosquitto.conf"), "-v"]);
    this.#process = broker;
    broker.stderr.on("data", (bytes) => (this.#log += String(bytes)));
    this.#log = "";
    await until(() => this.#log.includes(" running") || undefined, {
      what: "the broker runs",
      facts: () => this.#log,
    });
  }

  async kill(): Promise<void> {
    const broker = this.#process;
    this.#process = undefined;
    if (broker?.exitCode !== null) return;
    const ended = once(broker, "close");
    broker.kill("SIGKILL");
    await ended;
  }

  /** Its sockets stay open and nobody answers: a half-open link. */
  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  clientFiles(name: string): Promise<ClientFiles> {
    const files = this.#files.get(name) ?? this.#makeFiles(name);
    this.#files.set(name, files);
    return files;
  }

  async #makeFiles(name: string): Promise<ClientFiles> {
    const { certPem, keyPem } = await this.#authority.issue({ commonName: name });
    return {
      caFile: join(this.#folder, "ca.pem"),
      certFile: this.#file(`${name}.pem`, certPem),
      keyFile: this.#file(`${name}.key`, keyPem),
    };
  }

  /** All that a client of this name hears from now on, also after the broker was away. */
  async listen(name: string, ...topics: readonly string[]): Promise<Heard[]> {
    const heard: Heard[] = [];
    const client = await this.client(name);
    client.on("message", (at, payload, packet) => {
      heard.push({ topic: at, text: payload.toString("utf8"), packet });
    });
    await client.subscribeAsync([...topics], { qos: 1 });
    return heard;
  }

  /** One of this name at a time: the broker makes it the client id. */
  async client(name: string): Promise<MqttClient> {
    const { certPem, keyPem } = await this.#authority.issue({ commonName: name });
    const client = await connectAsync(this.url, {
      ...{ clientId: name, protocolVersion: 5, reconnectPeriod: 200, keepalive: 5 },
      ...{ ca: this.#authority.certPem, cert: certPem, key: keyPem },
    });
    this.#clients.push(client);
    client.on("error", () => undefined); // it tries again
    return client;
  }

  /** mosquitto_pub, to its end. */
  async publish(name: string, topic: string, text: string, more: string[] = []): Promise<void> {
    const { caFile, certFile, keyFile } = await this.clientFiles(name);
    const files = ["--cafile", caFile, "--cert", certFile, "--key", keyFile];
    const to = ["-h", "127.0.0.1", "-p", String(this.port), "-V", "mqttv5", "-q", "1"];
    const pub = spawn("mosquitto_pub", [...to, ...files, "-t", topic, "-m", text, ...more]);
    await once(pub, "close");
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.end(true);
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #file(name: string, text: string): string {
    const path = join(this.#folder, name);
    writeFileSync(path, text);
    return path;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
