import { isMinerError, type ErrorContext } from "../../lib/errors.js";
import { findingOf } from "../../lib/finding.js";
import type { Journal } from "./journal.js";

type Handlers = Readonly<Record<string, (params: unknown) => unknown>>;

/** What only asks. Whatever else comes is remembered, also what is yet to be added. */
const QUESTIONS = ["status", "pools.list", "pools.test", "trips.list"];
/** Facts of these may be remembered; others may hold passwords. */
const WITH_FACTS = ["machine.set", "trips.clear"];

/** The same handlers, each of which leaves who asked for what and what came of it in the journal. */
export function journaled(
  handlers: Handlers,
  journal: Pick<Journal, "command">,
  by: string,
): Handlers {
  return Object.fromEntries(
    Object.entries(handlers).map(([name, handle]) => [
      name,
      QUESTIONS.includes(name) ? handle : (params: unknown) => ask(name, handle, params),
    ]),
  );

  async function ask(name: string, handle: Handlers[string], params: unknown): Promise<unknown> {
    const facts = WITH_FACTS.includes(name) ? flat(params) : {};
    try {
      const result = await handle(params);
      journal.command(name, by, facts);
      return result;
    } catch (error) {
      journal.command(name, by, facts, isMinerError(error) ? error : findingOf(error));
      throw error;
    }
  }
}

function flat(params: unknown): ErrorContext {
  if (typeof params !== "object" || params === null) return {};
  return Object.fromEntries(
    Object.entries(params).filter(([, value]) =>
      ["number", "string", "boolean"].includes(typeof value),
    ),
  );
}
