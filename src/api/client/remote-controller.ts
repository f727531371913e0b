import type { ListedEvent } from "../../app/log-commands.js";
import type { MinuteRecord, SecondRecord } from "../../telemetry/history-records.js";
import type { ApiLink } from "./api-link.js";
import { apiRequest } from "./api-requests.js";
import type { Controller, EventsRead, Params } from "./controller.js";

const ANSWER_TIMEOUT_MS = 5000;
/** A week of minutes is some megabytes, and a slow processor makes JSON of them. */
const HISTORY_TIMEOUT_MS = 60_000;
/** As many as a machine gives at a time. */
const MOST_EVENTS = 1000;

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

  async #rows(step: string, sinceUnixMs: number): Promise<unknown> {
    const query = { step, sinceUnixMs: Math.floor(sinceUnixMs) };
    const { json } = await this.#link.send(
      { verb: "GET", path: "/history", query },
      HISTORY_TIMEOUT_MS,
    );
    return (json as { readonly rows: unknown }).rows;
  }
}
