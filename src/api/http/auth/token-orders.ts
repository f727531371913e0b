import * as z from "zod/mini";
import type { Journal } from "../../../app/kept/journal.js";
import { MinerError } from "../../../lib/errors.js";
import type { AccessBook, ListedToken } from "./access-book.js";
import { HTTP_SCOPES } from "./scopes.js";

export const NewToken = z.strictObject({
  name: z.string().check(z.regex(/^[\w .:-]{1,64}$/, "expected 1 to 64 letters")),
  scope: z.enum(HTTP_SCOPES),
});

export const NamedToken = z.strictObject({ id: z.string() });

/** Where tokens are kept, and where it is written who wanted them. */
export interface TokenParts {
  readonly access: Pick<AccessBook, "tokens" | "addToken" | "removeToken">;
  readonly journal: Pick<Journal, "command">;
}

/** Its text is told this once. Rejects with HTTP_TOKENS_FULL */
export async function addToken(
  { access, journal }: TokenParts,
  { name, scope }: z.infer<typeof NewToken>,
  by: string,
): Promise<ListedToken & { readonly token: string }> {
  const { token, listed } = await access.addToken(name, scope);
  journal.command("http.tokenAdded", by, { name, scope, tokenId: listed.id });
  return { token, ...listed };
}

/** Rejects with HTTP_NOT_FOUND */
export async function removeToken(
  { access, journal }: TokenParts,
  { id }: z.infer<typeof NamedToken>,
  by: string,
): Promise<object> {
  if (!(await access.removeToken(id))) throw new MinerError("HTTP_NOT_FOUND", { id });
  journal.command("http.tokenRemoved", by, { tokenId: id });
  return {};
}
