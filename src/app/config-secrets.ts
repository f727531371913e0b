import { MinerError } from "../lib/errors.js";
import { isObject } from "../lib/merge-patch.js";

const SECRET_NAME = /pas|pwd|secret/i;
/** Fields in which credentials may stand before an @. */
const ADDRESSES: ReadonlySet<string> = new Set(["url", "proxy"]);
/** What stands where a secret is. */
const HIDDEN = "(hidden)";

/** A value of the configuration as it may be shown, also where the name of a field is misspelt. */
export function withoutSecrets(value: unknown, field = ""): unknown {
  if (value === "" || value === null || value === undefined) return value;
  if (SECRET_NAME.test(field)) return HIDDEN;
  if (Array.isArray(value)) return value.map((part) => withoutSecrets(part, field));
  if (isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, withoutSecrets(part, name)]),
    );
  if (typeof value !== "string" || !ADDRESSES.has(field)) return value;
  return value.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, `$1${HIDDEN}@`);
}

/**
 * What comes back as it was shown, with the secrets that it had. Those of a list's entry are found again by its name, or
 * by its address and user, or by its address alone where one entry has it.
 * @throws CONFIG_INVALID where nothing was hidden
 */
export function withSecrets(given: unknown, old: unknown, path = ""): unknown {
  const field = path.split(".").at(-1) ?? "";
  if (Array.isArray(given))
    return given.map((entry, index) =>
      withSecrets(entry, sameEntry(entry, old), `${path}[${String(index)}]`),
    );
  if (isObject(given)) {
    const before = isObject(old) ? old : {};
    return Object.fromEntries(
      Object.entries(given).map(([name, part]) => [
        name,
        withSecrets(part, before[name], path === "" ? name : `${path}.${name}`),
      ]),
    );
  }
  if (typeof given !== "string" || !given.includes(HIDDEN)) return given;
  if (old !== undefined && given === withoutSecrets(old, field)) return old;
  const expected = "the secret itself: there was none to keep";
  throw new MinerError("CONFIG_INVALID", { path, expected });
}

function sameEntry(entry: unknown, old: unknown): unknown {
  if (!isObject(entry) || !Array.isArray(old)) return undefined;
  const { name, url, user } = entry;
  const all = (old as unknown[]).filter(isObject);
  const same = all.find((each) => {
    if (name !== undefined && each["name"] !== undefined) return each["name"] === name;
    return withoutSecrets(each["url"], "url") === url && each["user"] === user;
  });
  if (same !== undefined || name !== undefined) return same;
  const [there, ...more] = all.filter((each) => withoutSecrets(each["url"], "url") === url);
  return more.length === 0 ? there : undefined;
}
