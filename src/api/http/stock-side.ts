import type { RequestListener } from "node:http";
import { findingOf } from "../../lib/finding.js";
import type { Logger } from "../../lib/logger.js";
import type { Painter } from "../cgminer/painter.js";
import type { ApiParts } from "./api-parts.js";
import { createDebugApp, type Pages } from "./app.js";
import { Listeners } from "./listeners.js";

type App = ReturnType<typeof createDebugApp>;

/** The pages of stock machines, and the port beside them. */
export class StockSide {
  readonly pages: Pages;
  readonly #parts: ApiParts;
  readonly #painter: Painter;
  #listeners: Listeners | undefined;

  private constructor(parts: ApiParts, painter: Painter, pages: Pages) {
    this.#parts = parts;
    this.#painter = painter;
    this.pages = pages;
  }

  /** Undefined where the configuration does not ask for it: nothing of it is loaded then. */
  static async load(parts: ApiParts): Promise<StockSide | undefined> {
    const { http, config, history, clock } = parts;
    if (http.stockPages?.isOn !== true) return undefined;
    const [{ StockPages }, { Painter: Drawer }] = await Promise.all([
      import("../cgi/stock-pages.js"),
      import("../cgminer/painter.js"),
    ]);
    const painter = new Drawer({ spec: config().machineSpec, history, clock });
    return new StockSide(parts, painter, new StockPages({ ...parts, painter }));
  }

  /** Never rejects: the pages themselves are there without. */
  async listen(
    names: ReadonlySet<string>,
    log: Logger,
    served: (app: App) => RequestListener,
  ): Promise<void> {
    const { http, clock } = this.#parts;
    const port = http.stockPages?.debugPort ?? null;
    if (port === null) return;
    const { address } = http;
    const app = createDebugApp(this.#parts, names, log, this.pages);
    try {
      this.#listeners = await Listeners.open({ port, tls: undefined, address }, clock, served(app));
      log.info({ port: this.#listeners.ports[0] }, "the port beside the stock pages listens");
    } catch (error) {
      log.error(findingOf(error), "the port beside the stock pages could not be opened");
    }
  }

  async stop(): Promise<void> {
    this.#painter.stop();
    await this.#listeners?.stop();
  }
}
