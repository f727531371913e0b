import { startCgminer } from "./cgminer/start-cgminer.js";
import type { TokenParts } from "./http/auth/token-orders.js";
import { startHttp } from "./http/start-http.js";
import { startIpReport } from "./ip-report/start-ip-report.js";
import { startMdns } from "./mdns/start-mdns.js";
import { startMqtt } from "./mqtt/start-mqtt.js";
import type { AnnouncedFacts } from "./mdns/announced-services.js";
import { networkFacts } from "./mqtt/network-facts.js";
import type { CommandDesk } from "../app/commands/command-desk.js";
import type { Config } from "../app/config.js";
import type { ConfigStore } from "../app/config-store.js";
import type { KeptData } from "../app/kept/kept-data.js";
import type { Hardware } from "../hal/hardware.js";
import type { Clock } from "../lib/clock.js";
import type { Logger } from "../lib/logger.js";
import type { History } from "../telemetry/history.js";
import type { Snapshot } from "../telemetry/snapshot.js";

interface Stoppable {
  stop(): Promise<void>;
}

/** What every interface renders, and the desk that takes its orders. */
interface InterfaceParts {
  readonly dataDir: string;
  readonly store: ConfigStore;
  readonly desk: CommandDesk;
  readonly snapshot: () => Snapshot;
  readonly history: History;
  /** Of the control board's buttons. */
  readonly hardware: Pick<Hardware, "openInput">;
  readonly kept: Pick<KeptData, "journal" | "onTrouble">;
  readonly clock: Clock;
  readonly log: Logger;
}

/** `ports`: as HTTP listens, plain before secure; undefined where it does not. */
function announcedFacts(
  { http }: Config,
  { machine, version }: Snapshot,
  ports: readonly number[] | undefined,
): AnnouncedFacts {
  return {
    ...{ mac: networkFacts().mac, model: machine, version },
    httpPort: http?.port === null ? undefined : ports?.at(0),
    httpsPort: http?.tls === undefined ? undefined : ports?.at(-1),
  };
}

/** The interfaces that the configuration asks for. One that does not start is logged; the machine mines without it. */
export class Interfaces {
  /** Undefined without HTTP. */
  readonly tokens: TokenParts | undefined;
  readonly #running: readonly Stoppable[];
  #onHardware: Stoppable | undefined;

  private constructor(
    running: readonly Stoppable[],
    onHardware: Stoppable | undefined,
    tokens: TokenParts | undefined,
  ) {
    this.#running = running;
    this.#onHardware = onHardware;
    this.tokens = tokens;
  }

  /** Never rejects. */
  static async start(parts: InterfaceParts): Promise<Interfaces> {
    const { dataDir, store, desk, snapshot, history, clock, log } = parts;
    const { journal, onTrouble } = parts.kept;
    const mqtt = await startMqtt({
      ...{ mqtt: store.config.mqtt, dataDir, journal, clock, log, onTrouble, desk, snapshot },
      history,
      config: () => store.config,
      revision: () => store.revision,
    });
    const http = await startHttp({
      ...{ http: store.config.http, dataDir, history, journal, desk, clock, log, onTrouble },
      config: () => store.config,
    });
    const { cgminer: wish, machineSpec: spec } = store.config;
    const cgminer = await startCgminer({ cgminer: wish, spec, history, desk, clock, log });
    const mdns = await startMdns({
      mdns: store.config.mdns,
      facts: announcedFacts(store.config, snapshot(), http?.ports),
      onName: (host) => http?.answerTo(host),
      log,
    });
    const { ipReport, board } = store.config;
    const { hardware } = parts;
    const report = await startIpReport({ ipReport, board, hardware, desk, clock, log });
    return new Interfaces(
      [mdns, mqtt, http, cgminer].flatMap((each) => each ?? []),
      report,
      http?.tokens,
    );
  }

  /** To be called before the hardware is closed. */
  async letGoOfHardware(): Promise<void> {
    await this.#onHardware?.stop();
    this.#onHardware = undefined;
  }

  async stop(): Promise<void> {
    await this.letGoOfHardware();
    for (const each of this.#running) await each.stop();
  }
}
