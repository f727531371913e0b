import { readdirSync } from "node:fs";
import type { Responder } from "@homebridge/ciao";
import type { MdnsConfig } from "../../app/mdns-config.js";
import { MinerError } from "../../lib/errors.js";
import { findingOf } from "../../lib/finding.js";
import type { Logger } from "../../lib/logger.js";
import { announcedServices, usualName, type AnnouncedFacts } from "./announced-services.js";
import { loadCiao } from "./load-ciao.js";

/** Documented: Linux lists its network interfaces here, also those that have no address yet. */
const INTERFACES_DIR = "/sys/class/net";
const LOOPBACK = "lo";
/** Of one name: more is not a coincidence. */
const MOST_OF_A_NAME = 9;

export interface MdnsOptions {
  readonly mdns: MdnsConfig;
  readonly facts: AnnouncedFacts;
  /** Is told each name that the machine goes by, as it has it. */
  readonly onName: (host: string) => void;
  readonly log: Logger;
}

/** Announces the machine by multicast DNS, and takes that back at its end. */
export class MdnsService {
  readonly #options: MdnsOptions;
  readonly #interfaces: readonly string[];
  #responder: Responder | undefined;
  #isStopped = false;
  /** Never rejects. */
  #announced: Promise<void> = Promise.resolve();

  private constructor(options: MdnsOptions) {
    this.#options = options;
    this.#interfaces = options.mdns.interfaces ?? allInterfaces();
  }

  /**
   * Begins; whether the name is free takes a second to find out.
   * @throws MDNS_NOT_STARTED when there is nothing to announce
   */
  static start(options: MdnsOptions): MdnsService {
    if (announcedServices(options.facts).length === 0)
      throw new MinerError("MDNS_NOT_STARTED", { reason: "http does not listen" });
    const service = new MdnsService(options);
    service.#begin(1);
    return service;
  }

  /** Those who listen have heard that it is gone. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#end();
    await this.#announced;
  }

  #begin(count: number): void {
    this.#announced = this.#announce(count).catch((error: unknown) => {
      const { code, context } = findingOf(error, {}, "MDNS_NOT_STARTED");
      if (!this.#isStopped) this.#options.log.error({ code, context }, "mDNS announces nothing");
    });
  }

  /** As the first, second, ... of its name. */
  async #announce(count: number): Promise<void> {
    const { mdns, facts, onName, log } = this.#options;
    const { getResponder } = await loadCiao();
    if (this.#isStopped) return;
    const usual = mdns.name ?? usualName(facts.mac);
    const name = count === 1 ? usual : `${usual}-${String(count)}`;
    const responder = getResponder({ interface: [...this.#interfaces] });
    this.#responder = responder;
    const services = announcedServices(facts).map(({ type, port, txt }, index) => {
      // The library lets no two services of a computer have the same host.
      const hostname = index === 0 ? `${name}.local` : `${name}-api.local`;
      return responder.createService({ name, hostname, type, port, txt: { ...txt } });
    });
    const onTaken = (): void => {
      if (responder !== this.#responder || this.#isStopped) return;
      log.warn({ name }, "another machine has this name");
      this.#again(count + 1);
    };
    for (const service of services) {
      const host = service.getHostname().replace(/\.$/, "");
      service.once("name-change", onTaken);
      service.once("hostname-change", onTaken);
      await service.advertise();
      if (responder !== this.#responder) return;
      onName(host);
    }
    log.info({ name, interfaces: this.#interfaces.join(", ") }, "mDNS announces");
  }

  #again(count: number): void {
    const ended = this.#end();
    if (count > MOST_OF_A_NAME) return;
    void ended.then(() => {
      if (!this.#isStopped) this.#begin(count);
    });
  }

  async #end(): Promise<void> {
    const responder = this.#responder;
    this.#responder = undefined;
    await responder?.shutdown().catch(() => undefined); // nobody hears it then
  }
}

function allInterfaces(): readonly string[] {
  return readdirSync(INTERFACES_DIR).filter((name) => name !== LOOPBACK);
}
