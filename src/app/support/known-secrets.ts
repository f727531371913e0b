import { isObject } from "../../lib/merge-patch.js";
import { withoutSecrets } from "../config-secrets.js";

/** Shorter ones stand in any file by chance; in the configuration they are hidden by their names. */
const LEAST_LENGTH = 6;

/** The texts of a configuration that nobody else may see: those that `withoutSecrets` takes out. */
export function knownSecrets(config: unknown): readonly string[] {
  const shown = withoutSecrets(config);
  return [...new Set(hidden(config, shown))].filter(({ length }) => length >= LEAST_LENGTH);
}

function hidden(value: unknown, shown: unknown): readonly string[] {
  if (Array.isArray(value) && Array.isArray(shown))
    return value.flatMap((part, index) => hidden(part, shown[index]));
  if (isObject(value) && isObject(shown))
    return Object.entries(value).flatMap(([name, part]) => hidden(part, shown[name]));
  if (value === shown) return [];
  if (typeof value !== "string")
    return Object.values(value ?? {}).flatMap((part) => hidden(part, null));
  // Of an address the credentials before its @, and the password of these.
  const credentials = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^@]*)@/is.exec(value)?.[1] ?? "";
  return [value, credentials, ...credentials.split(":").slice(1)];
}
