import { BlockList, isIP } from "node:net";
import type { Scope } from "./commands/command-entry.js";

/** Commands that change something, and what the desk must allow for them. Everything else only asks. */
const WRITES: ReadonlyMap<string, Scope> = new Map([
  ...all("read", "privileged", "save", "zero", "logon", "logoff", "kill"),
  ...all("read", "ascenable", "ascdisable", "ascset"),
  ...all("read", "debug", "setconfig", "failover-only", "hotplug", "lockstats"),
  ...all("operate", "quit", "restart", "pause", "resume", "curtail"),
  ...all("operate", "ascidentify", "ledset", "rebootdevice"),
  ...all("configure", "switchpool", "enablepool", "disablepool", "removepool", "addpool"),
  ...all("configure", "poolpriority", "poolquota", "profileset"),
]);

function all(scope: Scope, ...names: readonly string[]): readonly (readonly [string, Scope])[] {
  return names.map((name) => [name, scope] as const);
}

/** Documented: cgminer API-README. `[G:]addr[/bits]`, IPv6 in square brackets. */
const ENTRY = /^(?:([a-z]):)?(?:\[([0-9a-f:.]+)\]|(\d{1,3}(?:\.\d{1,3}){0,3}))(?:\/(\d{1,3}))?$/i;
const GROUP = /^([a-z]):([a-z0-9*-]+(?::[a-z0-9*-]+)*)$/i;
/** Letters with a meaning of their own: all, and what changes nothing. */
const ALL = "W";
const READ = "R";

interface Entry {
  readonly letter: string;
  readonly matches: (address: string) => boolean;
}

/** The form of a text in the configuration that was not understood. */
export function wrongAllow(allow: string): string | undefined {
  return parts(allow).find((part) => entryOf(part) === undefined);
}

export function wrongGroups(groups: string): string | undefined {
  return parts(groups).find((part) => groupOf(part) === undefined);
}

/** Who may come in, and what they may do: the lists `api-allow` and `api-groups` of cgminer. */
export class AccessList {
  readonly #entries: readonly Entry[];
  readonly #groups: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(allow: string, groups: string) {
    this.#entries = parts(allow).flatMap((part) => entryOf(part) ?? []);
    this.#groups = new Map(
      parts(groups).flatMap((part) => {
        const group = groupOf(part);
        return group === undefined ? [] : [group];
      }),
    );
  }

  /** The letter of the first entry that the address matches; undefined: not let in. */
  letterOf(address: string): string | undefined {
    const plain = plainAddress(address);
    const letter = this.#entries.find(({ matches }) => matches(plain))?.letter;
    return letter === undefined || letter === ALL || this.#groups.has(letter) ? letter : READ;
  }

  mayUse(letter: string, command: string): boolean {
    if (letter === ALL) return true;
    const isRead = !WRITES.has(command);
    const names = this.#groups.get(letter);
    if (names === undefined) return isRead;
    return names.has(command) || (isRead && names.has("*"));
  }

  /** What orders that come this way may need at most. */
  get scopes(): readonly Scope[] {
    const letters = new Set(this.#entries.map(({ letter }) => letter));
    const needed = [...WRITES].flatMap(([command, scope]) =>
      [...letters].some((letter) => this.mayUse(letter, command)) ? [scope] : [],
    );
    return [...new Set<Scope>(["read", ...needed])];
  }
}

function parts(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function entryOf(text: string): Entry | undefined {
  const [, letter = READ, v6, v4, bits] = ENTRY.exec(text) ?? [];
  const family = v6 === undefined ? "ipv4" : "ipv6";
  const address = v6 ?? (v4 === undefined ? "" : padded(v4));
  const most = family === "ipv4" ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits);
  if (isIP(address) !== (family === "ipv4" ? 4 : 6) || prefix > most) return undefined;
  // `0/0` is everybody, whatever they speak.
  if (prefix === 0 && family === "ipv4")
    return { letter: letter.toUpperCase(), matches: () => true };
  const list = new BlockList();
  list.addSubnet(address, prefix, family);
  return {
    letter: letter.toUpperCase(),
    matches: (given) => list.check(given, isIP(given) === 6 ? "ipv6" : "ipv4"),
  };
}

/** `10.1` is 10.1.0.0. */
function padded(address: string): string {
  return [...address.split("."), "0", "0", "0"].slice(0, 4).join(".");
}

function groupOf(text: string): readonly [string, ReadonlySet<string>] | undefined {
  const [, letter, names] = GROUP.exec(text) ?? [];
  const upper = letter?.toUpperCase();
  if (upper === undefined || names === undefined || upper === ALL || upper === READ)
    return undefined;
  return [upper, new Set(names.toLowerCase().split(":"))];
}

/** An IPv4 client of a socket that speaks both comes as ::ffff:a.b.c.d; a link-local one with its zone. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
}
