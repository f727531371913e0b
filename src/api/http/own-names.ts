import { hostname } from "node:os";

/** What the machine may be called: names that nobody outside answers for, and those that its owner gave it. */
export function ownNames(given: readonly string[], host = hostname()): Set<string> {
  const names = ["localhost", host, `${host}.local`, ...given];
  return new Set(names.map((name) => name.toLowerCase()));
}
