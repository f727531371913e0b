import { randomUUID } from "node:crypto";
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import type { CommandDesk } from "../../app/commands/command-desk.js";
import type { Clock } from "../../lib/clock.js";
import { findingOf } from "../../lib/finding.js";
import type { Logger } from "../../lib/logger.js";
import { isEcho, ownNetworks, reportOf, seenReply, type OwnNetwork } from "./report-datagrams.js";

/** Documented: management.md, 5.4, as all below. */
const OWN_PORT = 14236;
const TOOL_PORT = 14235;
const EVERYBODY = "255.255.255.255";
const REPORTS = 5;
const PERIOD_MS = 2000;
/** Inferred: long enough for whoever pressed the button to look up at the lights. */
const BLINK_S = 10;

export interface IpReporterOptions {
  readonly desk: Pick<CommandDesk, "give">;
  /** Those of this computer when left out. */
  readonly networks?: () => readonly OwnNetwork[];
  readonly clock: Clock;
  readonly log: Logger;
}

/** Tells the networks of the machine its addresses, until a tool has seen them. */
export class IpReporter {
  readonly #options: IpReporterOptions;
  #abort = new AbortController();
  /** Never rejects. */
  #round: Promise<void> = Promise.resolve();

  constructor(options: IpReporterOptions) {
    this.#options = options;
  }

  /** Begins, or begins again. */
  report(): void {
    this.#abort.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#round = this.#round.then(() => this.#report(abort));
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#round;
  }

  async #report(abort: AbortController): Promise<void> {
    const { networks = ownNetworks, log } = this.#options;
    const all = networks();
    log.info({ addresses: all.map(({ ip }) => ip).join(", ") }, "IP report");
    await Promise.all(all.map((network) => this.#tell(network, abort)));
  }

  /** Never rejects. */
  async #tell(network: OwnNetwork, abort: AbortController): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = abort;
    // Bound to its address, so that it goes out in this network whatever the routes say.
    const socket = createSocket({ type: "udp4", reuseAddr: true });
    try {
      socket.bind(OWN_PORT, network.ip);
      await once(socket, "listening");
      socket.on("error", () => undefined); // what was sent tells it too
      socket.setBroadcast(true);
      socket.on("message", (bytes, tool) => {
        if (isEcho(bytes, network)) this.#seen(socket, network, tool, abort);
      });
      for (let report = 0; report < REPORTS && !signal.aborted; report += 1) {
        await send(socket, reportOf(network), TOOL_PORT, EVERYBODY);
        await clock.sleep(PERIOD_MS, signal);
      }
    } catch (error) {
      if (!signal.aborted)
        log.warn(findingOf(error, { address: network.ip }, "IP_REPORT_FAILED"), "IP report");
    } finally {
      socket.close();
    }
  }

  #seen(socket: Socket, { ip }: OwnNetwork, tool: RemoteInfo, abort: AbortController): void {
    const { desk, log } = this.#options;
    log.info({ address: ip, by: tool.address }, "IP report seen");
    send(socket, seenReply(), tool.port, tool.address)
      .catch(() => undefined) // the tool has what it wanted
      .finally(() => {
        abort.abort();
      });
    const order = { id: randomUUID(), name: "machine.locate", params: { seconds: BLINK_S } };
    const by = { way: "button", who: "" } as const;
    void desk
      .give({ ...order, by, expiresUnixMs: null, isRepeatable: false })
      .then(({ is, ...answer }) => {
        if (is === "refused") log.info(answer, "no light tells that the IP report was seen");
      });
  }
}

function send(socket: Socket, bytes: Buffer, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(bytes, port, address, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
