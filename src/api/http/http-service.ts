import type { RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { CommandDesk } from "../../app/commands/command-desk.js";
import type { Config } from "../../app/config.js";
import type { HttpConfig } from "../../app/http-config.js";
import type { Journal } from "../../app/kept/journal.js";
import type { Clock } from "../../lib/clock.js";
import type { MinerError } from "../../lib/errors.js";
import type { Logger } from "../../lib/logger.js";
import type { History } from "../../telemetry/history.js";
import { networkFacts } from "../mqtt/network-facts.js";
import { ha1Of } from "../cgi/digest.js";
import { createApp } from "./app.js";
import { AccessBook } from "./auth/access-book.js";
import { GuessLimit } from "./auth/guess-limit.js";
import { Sessions } from "./auth/sessions.js";
import { SetupCode } from "./auth/setup-code.js";
import type { TokenParts } from "./auth/token-orders.js";
import { EventStreams } from "./event-stream.js";
import { Listeners } from "./listeners.js";
import { ownNames } from "./own-names.js";
import { StockSide } from "./stock-side.js";

export interface HttpServiceOptions {
  readonly http: HttpConfig;
  /** As it is now. */
  readonly config: () => Config;
  readonly dataDir: string;
  readonly history: Pick<History, "latest" | "events">;
  readonly journal: Pick<Journal, "events" | "command">;
  readonly desk: Pick<CommandDesk, "give">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onTrouble: (error: MinerError) => void;
}

type OpenTokens = TokenParts & { readonly access: AccessBook };

/** REST, server-sent events and metrics over HTTP. */
export class HttpService {
  readonly tokens: OpenTokens;
  readonly #streams: EventStreams;
  readonly #listeners: Listeners;
  readonly #stock: StockSide | undefined;
  readonly #names: Set<string>;

  private constructor(
    tokens: OpenTokens,
    streams: EventStreams,
    listeners: Listeners,
    stock: StockSide | undefined,
    names: Set<string>,
  ) {
    this.tokens = tokens;
    this.#streams = streams;
    this.#listeners = listeners;
    this.#stock = stock;
    this.#names = names;
  }

  /** Rejects with HTTP_NOT_STARTED */
  static async start(options: HttpServiceOptions): Promise<HttpService> {
    const { http, config, dataDir, history, journal, desk, clock, log, onTrouble } = options;
    const digestOf = http.stockPages?.isOn === true ? ha1Of : undefined;
    const access = await AccessBook.open({ dataDir, clock, onTrouble, digestOf });
    const setupCode = access.hasPassword
      ? SetupCode.none()
      : await SetupCode.open(dataDir, http.setupCodeFile, log);
    const streams = new EventStreams({ history, journal });
    const parts = {
      ...{ http, config, dataDir, history, journal, desk, access, setupCode, streams, clock },
      mac: networkFacts().mac,
      ...{ sessions: new Sessions(clock), guesses: new GuessLimit(clock) },
    };
    const names = ownNames(http.hosts);
    const stock = await StockSide.load(parts);
    // In place of Node's own Response, which copies each body and gives it out as a stream: with many clients that was
    // tens of megabytes.
    const served = (app: ReturnType<typeof createApp>): RequestListener => {
      const listener = getRequestListener(app.fetch, { overrideGlobalObjects: true });
      return (incoming, outgoing) => {
        void listener(incoming, outgoing);
      };
    };
    const app = createApp(parts, names, log, stock?.pages);
    const listeners = await Listeners.open(http, clock, served(app));
    await stock?.listen(names, log, served);
    log.info({ ports: listeners.ports, hasPassword: access.hasPassword }, "HTTP listens");
    return new HttpService({ access, journal }, streams, listeners, stock, names);
  }

  /** Where it listens: http, then https. */
  get ports(): readonly number[] {
    return this.#listeners.ports;
  }

  /** Another name that the machine goes by. */
  answerTo(host: string): void {
    this.#names.add(host.toLowerCase());
  }

  async stop(): Promise<void> {
    this.#streams.stop();
    await this.#stock?.stop();
    await this.#listeners.stop();
    await this.tokens.access.stop();
  }
}
