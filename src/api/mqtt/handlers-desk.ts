import { journaled } from "../../app/kept/journaled.js";
import type { Journal } from "../../app/kept/journal.js";
import { findingOf } from "../../lib/finding.js";
import type { Desk } from "./desk.js";

type Handlers = Readonly<Record<string, (params: unknown) => unknown>>;

/** The same commands as on the control socket, remembered with who gave them. */
export function handlersDesk(handlers: Handlers, journal: Pick<Journal, "command">): Desk {
  return {
    give: async ({ id, name, params, by }) => {
      try {
        const handle = journaled(handlers, journal, `${by.way} ${by.who}`)[name];
        if (handle === undefined) return { id, is: "refused", code: "INTERNAL", context: { name } };
        return { id, is: "done", result: await handle(params) };
      } catch (error) {
        return { id, is: "refused", ...findingOf(error) };
      }
    },
  };
}
