import * as z from "zod/mini";
import type { ErrorContext } from "../../../lib/errors.js";
import { MinerError } from "../../../lib/errors.js";
import type { ApiParts } from "../api-parts.js";
import { type Caller, cookieText } from "../auth/caller.js";
import { Password } from "../auth/password.js";
import { HTTP_SCOPES } from "../auth/scopes.js";
import { addToken, NamedToken, NewToken, removeToken } from "../auth/token-orders.js";
import { Answer, route, type Route } from "../route.js";

const Given = z.string().check(z.maxLength(200));
const Begun = z.object({ csrf: z.string(), endsUnixMs: z.number() });

const TOKEN = {
  id: z.string(),
  name: z.string(),
  scope: z.enum(HTTP_SCOPES),
  createdUnixMs: z.number(),
  lastUsedUnixMs: z.nullable(z.number()),
};

/** Who may come in. */
export const AUTH_ROUTES: readonly Route[] = [
  route({
    ...{ method: "get", path: "/auth/session", needs: "nothing" },
    summary: "Whether there is a password, and what who asks may do",
    reply: z.object({
      hasPassword: z.boolean(),
      scope: z.nullable(z.enum(HTTP_SCOPES)),
      csrf: z.nullable(z.string()),
    }),
    handle: ({ access }, { caller }) => ({
      ...{ hasPassword: access.hasPassword, scope: caller.scope },
      csrf: caller.session?.csrf ?? null,
    }),
  }),
  route({
    ...{ method: "post", path: "/auth/setup", needs: "nothing", reply: Begun },
    summary: "Sets the first password; the code is on the label or in the data directory",
    body: z.strictObject({ code: Given, password: Password }),
    errors: ["HTTP_PASSWORD_SET", "HTTP_PASSWORD_WRONG"],
    handle: async (parts, { caller, body }) => {
      if (parts.access.hasPassword) throw new MinerError("HTTP_PASSWORD_SET");
      await prove(parts, caller, "http.setup", () =>
        Promise.resolve(parts.setupCode.isCode(body.code)),
      );
      await parts.access.setPassword(body.password);
      tell(parts, caller, "http.setup");
      return begun(parts, caller);
    },
  }),
  route({
    ...{ method: "post", path: "/auth/login", needs: "nothing", reply: Begun },
    summary: "Begins a session: a cookie, and the token that changes have to carry",
    body: z.strictObject({ password: Given }),
    errors: ["HTTP_PASSWORD_UNSET", "HTTP_PASSWORD_WRONG", "HTTP_BUSY"],
    handle: async (parts, { caller, body }) => {
      if (!parts.access.hasPassword) throw new MinerError("HTTP_PASSWORD_UNSET");
      await prove(parts, caller, "http.login", () => parts.access.isPassword(body.password));
      tell(parts, caller, "http.login");
      return begun(parts, caller);
    },
  }),
  route({
    ...{ method: "post", path: "/auth/logout", needs: "read", reply: z.strictObject({}) },
    summary: "Ends the session",
    handle: ({ sessions }, { caller }) => {
      if (caller.session !== null) sessions.end(caller.session.id);
      return new Answer({}, { "Set-Cookie": cookieText(null, caller.isSecure) });
    },
  }),
  route({
    ...{ method: "post", path: "/auth/password", needs: "own", reply: Begun },
    summary: "Another password; all sessions end, tokens stay",
    body: z.strictObject({ old: Given, password: Password }),
    errors: ["HTTP_PASSWORD_WRONG", "HTTP_BUSY"],
    handle: async (parts, { caller, body }) => {
      await prove(parts, caller, "http.password", () => parts.access.isPassword(body.old));
      await parts.access.setPassword(body.password);
      parts.sessions.endAll();
      tell(parts, caller, "http.password");
      return begun(parts, caller);
    },
  }),
  route({
    ...{ method: "get", path: "/tokens", needs: "own", summary: "The tokens, without their text" },
    reply: z.object({ tokens: z.array(z.object(TOKEN)) }),
    handle: ({ access }) => ({ tokens: access.tokens }),
  }),
  route({
    ...{ method: "post", path: "/tokens", needs: "own" },
    summary: "Makes a token; its text is told this once",
    body: NewToken,
    reply: z.object({ token: z.string(), ...TOKEN }),
    errors: ["HTTP_TOKENS_FULL"],
    handle: (parts, { caller, body }) => addToken(parts, body, named(caller)),
  }),
  route({
    ...{ method: "delete", path: "/tokens/{id}", needs: "own", reply: z.strictObject({}) },
    summary: "Takes a token away; it is refused from now on",
    pathParams: NamedToken,
    errors: ["HTTP_NOT_FOUND"],
    handle: (parts, { caller, path }) => removeToken(parts, path, named(caller)),
  }),
];

/** Each try counts before it is judged: many at a time are as many tries. Rejects with HTTP_TOO_MANY, HTTP_PASSWORD_WRONG */
async function prove(
  { guesses, journal }: ApiParts,
  { address }: Caller,
  what: string,
  isProven: () => Promise<boolean>,
): Promise<void> {
  const retryAfterS = guesses.waitS(address);
  if (retryAfterS > 0) throw new MinerError("HTTP_TOO_MANY", { retryAfterS });
  const hasToWait = guesses.wrong(address);
  if (await isProven()) {
    guesses.right(address);
    return;
  }
  const error = new MinerError("HTTP_PASSWORD_WRONG");
  // Not each of them: they would push everything else out of the journal.
  if (hasToWait) journal.command(what, `http ${address}`, {}, error);
  throw error;
}

function begun({ sessions }: ApiParts, { isSecure }: Caller): Answer {
  const { id, session } = sessions.start();
  const { csrf, endsUnixMs } = session;
  return new Answer({ csrf, endsUnixMs }, { "Set-Cookie": cookieText(id, isSecure) });
}

/** As the journal names who asked. */
function named({ who, address }: Caller): string {
  return `http ${who} ${address}`;
}

function tell({ journal }: ApiParts, caller: Caller, what: string, facts: ErrorContext = {}): void {
  journal.command(what, named(caller), facts);
}
