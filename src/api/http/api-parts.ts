import type { CommandDesk } from "../../app/commands/command-desk.js";
import type { Config } from "../../app/config.js";
import type { HttpConfig } from "../../app/http-config.js";
import type { Journal } from "../../app/kept/journal.js";
import type { Clock } from "../../lib/clock.js";
import type { History } from "../../telemetry/history.js";
import type { AccessBook } from "./auth/access-book.js";
import type { GuessLimit } from "./auth/guess-limit.js";
import type { Sessions } from "./auth/sessions.js";
import type { SetupCode } from "./auth/setup-code.js";
import type { EventStreams } from "./event-stream.js";

/** What handlers render, and the desk that takes their orders. Nothing here touches hardware. */
export interface ApiParts {
  readonly http: HttpConfig;
  /** As it is now. */
  readonly config: () => Config;
  readonly dataDir: string;
  /** Lower case with colons. */
  readonly mac: string | undefined;
  readonly history: Pick<History, "latest" | "events">;
  readonly journal: Pick<Journal, "events" | "command">;
  readonly desk: Pick<CommandDesk, "give">;
  readonly access: AccessBook;
  readonly sessions: Sessions;
  readonly guesses: GuessLimit;
  readonly setupCode: SetupCode;
  readonly streams: EventStreams;
  readonly clock: Clock;
}
