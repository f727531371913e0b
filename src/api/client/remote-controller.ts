import type { ListedEvent } from "../../app/log-commands.js";
import type { MinuteRecord, SecondRecord } from "../../telemetry/history-records.js";
import type { ApiLink } from "./api-link.js";
import { apiRequest } from "./api-requests.js";
import type { Controller, EventsRead, Params } from "./controller.js";

const ANSWER_TIMEOUT_MS = 5000;
/** A slow processor looks through a week of minutes. */
const HISTORY_TIMEOUT_MS = 60_000;
/** As many as a machine gives at a time. */
const MOST_EVENTS = 1000;

interface HistoryRow {
  readonly atUnixMs: number;
}

interface HistoryPage {
  readonly rows: readonly HistoryRow[];
  readonly hasOlder: boolean;
}

/** The controller of a machine on the network, by its HTTP interface. */
export class RemoteController implements Controller {
  readonly #link: Pick<ApiLink, "send">;

  constructor(link: Pick<ApiLink, "send">) {
    this.#link = link;
  }

  async ask(command: string, params: Params = {}, timeoutMs = ANSWER_TIMEOUT_MS): Promise<unknown> {
    const request = apiRequest(command, params);
    const reply = await this.#link.send(request, timeoutMs);
    return request.result === undefined ? reply.json : request.result(reply);
  }

  async events(sinceUnixMs: number): Promise<EventsRead> {
    const answer = await this.ask("events.list", {
      ...{ sinceUnixMs: Math.floor(sinceUnixMs), last: MOST_EVENTS },
    });
    const { events } = answer as { readonly events: readonly ListedEvent[] };
    return { events, damagedLines: 0 };
  }

  async seconds(sinceUnixMs: number): Promise<readonly SecondRecord[]> {
    return (await this.#rows("1", sinceUnixMs)) as readonly SecondRecord[];
  }

  async minutes(sinceUnixMs: number): Promise<readonly MinuteRecord[]> {
    return (await this.#rows("60", sinceUnixMs)) as readonly MinuteRecord[];
  }

  async #rows(step: string, sinceUnixMs: number): Promise<readonly HistoryRow[]> {
    const pages: (readonly HistoryRow[])[] = [];
    let until = {};
    for (;;) {
      const query = { step, sinceUnixMs: Math.floor(sinceUnixMs), ...until };
      const { json } = await this.#link.send(
        { verb: "GET", path: "/history", query },
        HISTORY_TIMEOUT_MS,
      );
      const { rows, hasOlder } = json as HistoryPage;
      pages.unshift(rows);
      const [oldest] = rows;
      if (!hasOlder || oldest === undefined) return pages.flat();
      until = { untilUnixMs: oldest.atUnixMs - 1 };
    }
  }
}
