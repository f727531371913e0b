import { hostname, release } from "node:os";
import type { LogLine } from "../../app/log-commands.js";
import type { Snapshot } from "../../telemetry/snapshot.js";
import { newApi, newApiReply, type NewApiName } from "../cgminer/new-api.js";
import type { Painter } from "../cgminer/painter.js";
import type { ApiParts } from "../http/api-parts.js";
import { assertOwnPage } from "../http/auth/origin.js";
import { textOf } from "../http/body.js";
import { chartSection } from "./chart-page.js";
import { warningPage } from "./debug-pages.js";
import { DigestGate } from "./digest-gate.js";
import { minerType, networkInfo, systemInfo, type HostFacts } from "./info-pages.js";
import { readLinkFacts } from "./link-facts.js";
import { confPage } from "./miner-conf.js";
import { json, text, type PageAnswer } from "./page-answer.js";
import { PageOrders } from "./page-orders.js";
import { setMinerConf } from "./set-conf.js";
import { blink, passwd } from "./writing-pages.js";

const FOLDER = "/cgi-bin/";
const LOG_LINES = 500;

export type StockPagesParts = Pick<
  ApiParts,
  "config" | "dataDir" | "mac" | "history" | "journal" | "desk" | "access" | "sessions" | "clock"
> & { readonly painter: Pick<Painter, "picture"> };

/** Who asked for what. */
interface Turn {
  readonly request: Request;
  readonly address: string;
  readonly orders: PageOrders;
}

type Method = "GET" | "POST";
interface Page {
  readonly methods: readonly Method[];
  readonly answer: (turn: Turn) => PageAnswer | Promise<PageAnswer>;
}

/** What stock machines have and this program does by other means, or not at all. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "set_network_conf.cgi": "the network is set up in the operating system",
  "reset_conf.cgi": "settings are not reset over the network",
  "upgrade.cgi": "versions are installed with `headframe update`",
  "upgrade_clear.cgi": "versions are installed with `headframe update`",
};

/** The web pages of stock Antminers, as far as tools ask for them. */
export class StockPages {
  readonly #parts: StockPagesParts;
  readonly #gate: DigestGate;
  readonly #pages: ReadonlyMap<string, Page>;

  constructor(parts: StockPagesParts) {
    this.#parts = parts;
    this.#gate = new DigestGate(parts);
    this.#pages = new Map([...this.#readers(), ...this.#writers(), ...this.#debugPages()]);
  }

  /** Rejects with what REST refuses with. */
  async answer(request: Request, address: string): Promise<PageAnswer> {
    const name = nameOf(new URL(request.url).pathname);
    const page = this.#pages.get(name);
    const elsewhere = Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name] : undefined;
    if (page === undefined && elsewhere === undefined) return text(404, "no such page");
    const refusal = this.#gate.refusal(request, address);
    if (refusal !== undefined) return refusal;
    if (page === undefined) return text(501, `not here: ${elsewhere ?? ""}`);
    const { methods } = page;
    if (!methods.some((method) => method === request.method))
      return { ...text(405, "not so"), headers: { Allow: methods.join(", ") } };
    const orders = new PageOrders(this.#parts.desk, address);
    return page.answer({ request, address, orders });
  }

  #readers(): readonly (readonly [string, Page])[] {
    const { painter, config, dataDir, clock } = this.#parts;
    const report = (name: NewApiName) => () => json(newApi(name, painter.picture));
    return Object.entries<Page["answer"]>({
      "get_system_info.cgi": async () => json(systemInfo(painter.picture, await this.#host())),
      "get_network_info.cgi": async () => json(networkInfo(await this.#host())),
      "miner_type.cgi": async () => json(minerType(painter.picture, await this.#host())),
      "summary.cgi": report("summary"),
      "stats.cgi": report("stats"),
      "pools.cgi": report("pools"),
      "warning.cgi": report("warning"),
      "chart.cgi": async () => {
        const section = await chartSection(dataDir, clock.unixMs());
        return json(newApiReply("rate", section, painter.picture));
      },
      "get_miner_conf.cgi": async ({ orders }) => {
        const { state } = await orders.give<Snapshot>("status");
        return json(confPage(config(), state.order));
      },
      "get_blink_status.cgi": async ({ orders }) => {
        const { isOn } = await orders.give<{ isOn: boolean }>("machine.isLocated");
        return json({ blink: isOn });
      },
      "log.cgi": ({ orders }) => this.#log(orders),
      "hlog.cgi": ({ orders }) => this.#log(orders),
    }).map(([name, answer]) => [name, { methods: ["GET"], answer }]);
  }

  #writers(): readonly (readonly [string, Page])[] {
    const { config, access } = this.#parts;
    return Object.entries<Page>({
      "set_miner_conf.cgi": {
        methods: ["POST"],
        answer: async ({ request, orders }) => setMinerConf(await textOf(request), config, orders),
      },
      "blink.cgi": {
        methods: ["POST"],
        answer: async ({ request, orders }) => blink(await textOf(request), orders),
      },
      "passwd.cgi": {
        methods: ["POST"],
        answer: async ({ request, address }) =>
          passwd(await textOf(request), access, () => {
            this.#tellPassword(address);
          }),
      },
      "reboot.cgi": { methods: ["GET", "POST"], answer: (turn) => this.#reboot(turn) },
    });
  }

  /** On a port of their own. */
  #debugPages(): readonly (readonly [string, Page])[] {
    const { painter, history } = this.#parts;
    return Object.entries<Page["answer"]>({
      "/miner_power": () => {
        const { powerW } = painter.picture;
        if (powerW === undefined) return text(404, "nobody knows");
        // To the letter: there is no end of line.
        return { ...text(200, ""), body: `miner power:${Math.round(powerW)}` };
      },
      "/warning": () => json(warningPage(history.latest)),
    }).map(([name, answer]) => [name, { methods: ["GET"], answer }]);
  }

  /** Tools get this one: any page could make a browser that knows the password do so too. Rejects with HTTP_ORIGIN_REFUSED */
  async #reboot({ request, orders }: Turn): Promise<PageAnswer> {
    assertOwnPage(request);
    await orders.give("system.reboot");
    return json({ stats: "success", msg: "OK!" });
  }

  async #log(orders: PageOrders): Promise<PageAnswer> {
    const { lines } = await orders.give<{ lines: readonly LogLine[] }>("logs", { last: LOG_LINES });
    const texts = lines.map(({ atUnixMs, level, message, facts }) =>
      [new Date(atUnixMs).toISOString(), level, message, JSON.stringify(facts)].join(" "),
    );
    return text(200, texts.join("\n"));
  }

  async #host(): Promise<HostFacts> {
    const { config, mac } = this.#parts;
    const { controlBoard } = config();
    const link = await readLinkFacts(mac);
    return { mac, hostname: hostname(), kernel: release(), controlBoard, link };
  }

  #tellPassword(address: string): void {
    const { sessions, journal } = this.#parts;
    sessions.endAll();
    journal.command("http.password", `http stock pages ${address}`, {});
  }
}

/** `stats.cgi`; what lies elsewhere by its whole path. */
function nameOf(path: string): string {
  return path.startsWith(FOLDER) ? path.slice(FOLDER.length) : path;
}
