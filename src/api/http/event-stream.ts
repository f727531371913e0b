import type { Journal, JournalEvent } from "../../app/kept/journal.js";
import { MinerError } from "../../lib/errors.js";
import type { History } from "../../telemetry/history.js";
import type { Snapshot } from "../../telemetry/snapshot.js";

/** Sheet management.md, 7.1. */
const MAX_STREAMS = 8;
const RETRY_AFTER_S = 10;
/** A reader that is this far behind is cut off; it begins again with a whole snapshot. */
const MAX_BEHIND_BYTES = 256 * 1024;

interface Source {
  readonly history: Pick<History, "latest" | "events">;
  readonly journal: Pick<Journal, "events">;
}

interface Stream {
  readonly send: (text: string) => void;
  readonly mayStay: () => boolean;
  readonly end: () => void;
}

/**
 * Server-sent events: `snapshot` at first, then `patch` with the fields of the snapshot that changed, once a second, and
 * `event` for each of the journal. What is sent is made once for all readers, and not at all without any.
 */
export class EventStreams {
  readonly #source: Source;
  readonly #streams = new Set<Stream>();
  readonly #texts = new Map<string, string>();
  #stopListening: () => void = () => undefined;

  constructor(source: Source) {
    this.#source = source;
  }

  /**
   * @param missed events of before, oldest first
   * @throws HTTP_BUSY
   */
  open(missed: readonly JournalEvent[], mayStay: () => boolean): Response {
    if (this.#streams.size >= MAX_STREAMS)
      throw new MinerError("HTTP_BUSY", { most: MAX_STREAMS, retryAfterS: RETRY_AFTER_S });
    if (this.#streams.size === 0) this.#listen();
    let stream: Stream | undefined;
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          stream = this.#add(controller, mayStay);
          stream.send(message("snapshot", jsonOf([...this.#texts])));
          for (const event of missed) stream.send(eventMessage(event));
        },
        cancel: () => {
          if (stream !== undefined) this.#remove(stream);
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_BEHIND_BYTES }),
    );
    return new Response(body, {
      headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-store" },
    });
  }

  stop(): void {
    for (const stream of [...this.#streams]) stream.end();
  }

  #add(controller: ReadableStreamDefaultController<Uint8Array>, mayStay: () => boolean): Stream {
    const encoder = new TextEncoder();
    const stream: Stream = {
      mayStay,
      send: (text) => {
        if (!this.#streams.has(stream)) return;
        controller.enqueue(encoder.encode(text));
        if ((controller.desiredSize ?? 0) <= 0) stream.end();
      },
      end: () => {
        this.#remove(stream);
        controller.close();
      },
    };
    this.#streams.add(stream);
    return stream;
  }

  #remove(stream: Stream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    this.#stopListening();
    this.#texts.clear();
  }

  #listen(): void {
    const { history, journal } = this.#source;
    this.#changed(history.latest);
    const stops = [
      history.events.on("second", (snapshot) => {
        const changed = this.#changed(snapshot);
        this.#tell(message("patch", jsonOf(changed)));
      }),
      journal.events.on("added", (event) => {
        this.#tell(eventMessage(event));
      }),
    ];
    this.#stopListening = () => {
      for (const stop of stops) stop();
    };
  }

  #tell(text: string): void {
    for (const stream of [...this.#streams]) {
      if (stream.mayStay()) stream.send(text);
      else stream.end();
    }
  }

  /** Fields that are other than the last time, as JSON. */
  #changed(snapshot: Snapshot): readonly (readonly [string, string])[] {
    return Object.entries(snapshot).flatMap(([name, value]: [string, unknown]) => {
      if (value === undefined) return [];
      const text = JSON.stringify(value);
      if (this.#texts.get(name) === text) return [];
      this.#texts.set(name, text);
      return [[name, text] as const];
    });
  }
}

function jsonOf(fields: readonly (readonly [string, string])[]): string {
  return `{${fields.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`;
}

/** JSON has no line breaks of its own. */
function message(event: string, json: string): string {
  return `event: ${event}\ndata: ${json}\n\n`;
}

/** Its id is its time: after a break come those of that millisecond and later. */
function eventMessage(event: JournalEvent): string {
  return `id: ${event.atUnixMs}\n${message("event", JSON.stringify(event))}`;
}
