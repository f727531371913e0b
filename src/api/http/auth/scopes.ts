/** What a token may: look, change what the machine does now, everything. Each includes those before. */
export const HTTP_SCOPES = ["read", "operate", "own"] as const;
export type HttpScope = (typeof HTTP_SCOPES)[number];

export function includes(has: HttpScope, needs: HttpScope): boolean {
  return HTTP_SCOPES.indexOf(has) >= HTTP_SCOPES.indexOf(needs);
}
