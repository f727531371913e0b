import type { MqttServiceOptions } from "../../api/mqtt/mqtt-service.js";
import type { Clock } from "../../lib/clock.js";
import type { ErrorCode, ErrorContext } from "../../lib/errors.js";
import { TypedEmitter } from "../../lib/events.js";
import type { Finding } from "../../lib/finding.js";

type Events = MqttServiceOptions["journal"]["events"];

/** Tells what happens and keeps nothing. */
export class LightJournal {
  readonly events: Events = new TypedEmitter();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Nothing: it is heard before it has anything to tell. */
  takeUnheard(): readonly [] {
    return [];
  }

  /** As the desk tells it. */
  command(what: string, by: string, facts: ErrorContext, error?: Finding): void {
    const result = error === undefined ? "done" : "refused";
    this.add("command", what, error?.code ?? null, { ...error?.context, ...facts, by, result });
  }

  add(
    kind: "command" | "state",
    what: string,
    code: ErrorCode | null,
    context: ErrorContext,
  ): void {
    const { unixMs, nowMs } = { unixMs: this.#clock.unixMs(), nowMs: this.#clock.nowMs() };
    const event = { atUnixMs: unixMs, uptimeS: nowMs / 1000, kind, what, code, context };
    this.events.emit("added", event);
  }
}
