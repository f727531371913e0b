import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Debian puts it there; the path of an ordinary user lacks the folder. */
const MOSQUITTO = "/usr/sbin/mosquitto";

/** Debian's broker on loopback for anybody: for what does not depend on TLS and rules. */
export class PlainBroker {
  readonly url: string;
  readonly port: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.url = `mqtt://127.0.0.1:${port}`;
    this.#folder = folder;
  }

  /** @param lines of the configuration, beside those that a test needs */
  static async start(lines: readonly string[] = []): Promise<PlainBroker> {
    const folder = mkdtempSync(join(tmpdir(), "headframe-plain-broker-"));
    const broker = new PlainBroker(await freePort(), folder);
    const all = [
      ...[`listener ${broker.port} 127.0.0.1`, "allow_anonymous true", "user root"],
      ...["persistence false", "connection_messages false", ...lines],
    ];
    writeFileSync(broker.#file, `${all.join("\n")}\n`);
    await broker.run();
    return broker;
  }

  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error("the broker does not run");
    return pid;
  }

  /** Starts the process, which must not run. */
  async run(): Promise<void> {
    const broker = spawn(MOSQUITTO, ["-c", this.#file], { stdio: ["ignore", "ignore", "pipe"] });
    this.#process = broker;
    let log = "";
    await new Promise<void>((resolve, reject) => {
      broker.stderr.on("data", (bytes) => {
        log += String(bytes);
        if (log.includes(" running")) resolve();
      });
      broker.once("error", reject);
      broker.once("close", () => {
        reject(new Error(`the broker ended: ${log}`));
      });
    });
  }

  /** Without a chance to say goodbye. */
  async kill(): Promise<void> {
    const broker = this.#process;
    this.#process = undefined;
    if (broker?.exitCode !== null) return;
    const ended = once(broker, "close");
    broker.kill("SIGKILL");
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #file(): string {
    return join(this.#folder, "mosquitto.conf");
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
