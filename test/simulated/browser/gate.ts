import { readFileSync } from "node:fs";
import {
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

const SCRIPT = new URL("page.mjs", import.meta.url);
const PAGE = `<!doctype html><title>page</title><link rel="icon" href="data:,"><body>
<script type="module" src="/page/page.mjs"></script>`;
/** For something to come to the miner. */
const SEEN_LIMIT_MS = 2000;

/** A request that came to the miner, and what it said. */
export interface Seen {
  /** The page that made it, by the name of its host. */
  readonly page: string;
  readonly attempt: string;
  readonly method: string;
  readonly path: string;
  readonly hasCookie: boolean;
  readonly origin: string | undefined;
  readonly status: number;
  /** Of the table of errors. */
  readonly code: string | undefined;
}

/** A page that is to be shown; the next one follows its report. */
export interface Visit {
  readonly host: string;
  readonly role: "owner" | "stranger";
  /** Host that it takes for the miner's. */
  readonly miner: string;
  readonly password?: string;
}

/**
 * Stands between a browser and the miner. It shows pages under every name, so that they are of the miner's origin, of another,
 * or of a name that now leads to the miner; what is below /page/ it answers itself, everything else goes to the miner as it
 * came, and is written down.
 */
export class Gate {
  readonly seen: Seen[] = [];
  /** What each page heard, by attempt, in order of the visits. */
  readonly reports: Readonly<Record<string, string>>[] = [];
  readonly #server: Server;
  readonly #minerPort: number;
  #visits: readonly Visit[] = [];
  #attempt = "none";
  #onEnd: () => void = () => undefined;
  #onSeen: () => void = () => undefined;

  private constructor(minerPort: number) {
    this.#minerPort = minerPort;
    this.#server = createServer((incoming, outgoing) => {
      this.#take(incoming, outgoing).catch(() => outgoing.destroy());
    });
  }

  static async start(minerPort: number): Promise<Gate> {
    const gate = new Gate(minerPort);
    await new Promise<void>((resolve) => {
      gate.#server.listen(0, "127.0.0.1", resolve);
    });
    return gate;
  }

  /** The address of the first of these pages, and the end of the last one's report. */
  plan(visits: readonly Visit[]): { readonly first: string; readonly ended: Promise<void> } {
    this.#visits = visits;
    const ended = new Promise<void>((resolve) => {
      this.#onEnd = resolve;
    });
    return { first: this.#pageOf(visits[0]!), ended };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pageOf({ host, role, miner, password }: Visit): string {
    const { port } = this.#server.address() as AddressInfo;
    const query = new URLSearchParams({
      ...{ role, miner: `http://${miner}:${port}` },
      ...(password !== undefined && { password }),
    });
    return `http://${host}:${port}/page/?${query.toString()}`;
  }

  async #take(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? "/", "http://page");
    if (!url.pathname.startsWith("/page/")) {
      this.#forward(incoming, outgoing);
      return;
    }
    const name = url.searchParams.get("name") ?? "";
    switch (url.pathname) {
      case "/page/begin":
        this.#attempt = name;
        outgoing.end();
        return;
      case "/page/seen":
        await this.#hasCome(name);
        outgoing.end();
        return;
      case "/page/report":
        this.reports.push(JSON.parse(await text(incoming)) as Record<string, string>);
        outgoing.end(JSON.stringify({ next: this.#next() }));
        return;
      case "/page/page.mjs":
        outgoing.setHeader("Content-Type", "text/javascript");
        outgoing.end(readFileSync(SCRIPT));
        return;
      default:
        outgoing.setHeader("Content-Type", "text/html");
        outgoing.end(PAGE);
    }
  }

  #next(): string | null {
    const visit = this.#visits[this.reports.length];
    if (visit === undefined) this.#onEnd();
    return visit === undefined ? null : this.#pageOf(visit);
  }

  async #hasCome(name: string): Promise<void> {
    const page = this.#page;
    const isThere = (): boolean =>
      this.seen.some((each) => each.attempt === name && each.page === page);
    const late = AbortSignal.timeout(SEEN_LIMIT_MS);
    while (!isThere() && !late.aborted)
      await new Promise<void>((resolve) => {
        this.#onSeen = resolve;
        late.addEventListener("abort", () => {
          resolve();
        });
      });
  }

  get #page(): string {
    return this.#visits[this.reports.length]?.host ?? "";
  }

  #forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method = "", url: path = "", headers } = incoming;
    const facts = {
      ...{ page: this.#page, attempt: this.#attempt, method, path, origin: headers.origin },
      hasCookie: headers.cookie !== undefined,
    };
    // Each page has an address of its own, so that none uses up what the miner answers another.
    const localAddress = `127.0.3.${this.reports.length + 1}`;
    const miner = { host: "127.0.0.1", port: this.#minerPort, localAddress };
    const asked = request({ ...miner, method, path, headers, agent: false }, (reply) => {
      const status = reply.statusCode ?? 0;
      outgoing.writeHead(status, reply.headers);
      let body = "";
      const note = (): void => {
        this.seen.push({ ...facts, status, code: /"code":"(\w+)"/.exec(body)?.[1] });
        this.#onSeen();
      };
      reply.on("data", (bytes) => (body += String(bytes)));
      reply.pipe(outgoing);
      // What streams has no end.
      if (status < 400) note();
      else reply.once("end", note);
    });
    asked.on("error", () => outgoing.destroy());
    outgoing.on("close", () => asked.destroy());
    incoming.pipe(asked);
  }
}
