import { randomUUID } from "node:crypto";
import { errorOf } from "../../lib/finding.js";
import type { CommandDesk } from "./command-desk.js";

/** What may stand beside an order on the control socket. */
interface SocketOrder {
  readonly order?: string | undefined;
  readonly expiresUnixMs?: number | undefined;
}

type Handlers = Readonly<
  Record<string, (params: unknown, beside: SocketOrder) => Promise<unknown>>
>;

/** The commands of the desk as the control socket takes them; each rejects with what the desk refuses with. */
export function socketHandlers(desk: Pick<CommandDesk, "names" | "give">): Handlers {
  return Object.fromEntries(
    desk.names.map((name) => [
      name,
      async (params: unknown, { order, expiresUnixMs }: SocketOrder) => {
        const answer = await desk.give({
          // Who gives no id is not heard twice: its connection is its own.
          ...{ id: order ?? randomUUID(), isRepeatable: order !== undefined },
          ...{ name, params, expiresUnixMs: expiresUnixMs ?? null },
          by: { way: "socket", who: "" },
        });
        if (answer.is === "refused") throw errorOf(answer);
        return answer.result;
      },
    ]),
  );
}
