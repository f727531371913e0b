import * as z from "zod/mini";
import type { ErrorContext } from "../../../lib/errors.js";
import { MinerError } from "../../../lib/errors.js";
import type { ApiParts } from "../api-parts.js";
import { type Caller, cookieText } from "../auth/caller.js";
import { HTTP_SCOPES } from "../auth/scopes.js";
import { Answer, route, type Route } from "../route.js";

/** So long that five guesses a minute find none. */
const Password = z.string().check(z.minLength(10), z.maxLength(200));
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
    body: z.strictObject({
      name: z.string().check(z.regex(/^[\w .:-]{1,64}$/, "expected 1 to 64 letters")),
      scope: z.enum(HTTP_SCOPES),
    }),
    reply: z.object({ token: z.string(), ...TOKEN }),
    errors: ["HTTP_TOKENS_FULL"],
    handle: async (parts, { caller, body: { name, scope } }) => {
      const { token, listed } = await parts.access.addToken(name, scope);
      tell(parts, caller, "http.tokenAdded", { name, scope, tokenId: listed.id });
      return { token, ...listed };
    },
  }),
  route({
    ...{ method: "delete", path: "/tokens/{id}", needs: "own", reply: z.strictObject({}) },
    summary: "Takes a token away; it is refused from now on",
    pathParams: z.strictObject({ id: z.string() }),
    errors: ["HTTP_NOT_FOUND"],
    handle: async (parts, { caller, path: { id } }) => {
      if (!(await parts.access.removeToken(id))) throw new MinerError("HTTP_NOT_FOUND", { id });
      tell(parts, caller, "http.tokenRemoved", { tokenId: id });
      return {};
    },
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

function tell({ journal }: ApiParts, caller: Caller, what: string, facts: ErrorContext = {}): void {
  journal.command(what, `http ${caller.who} ${caller.address}`, facts);
}
