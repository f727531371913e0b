import { EVIDENCE, type Evidence } from "../../lib/evidence.js";
import { lineText } from "../obstacles.js";
import type { Line } from "../schema/control-board.js";

type Facts = Readonly<Record<string, unknown>>;

/** Values that belong together, with how they are known. */
export interface FactGroup {
  /** Path in the data, like `hashboard.sensors.inlet`; of list items by place, name, code or number. */
  readonly path: string;
  /** The values as one line of text. */
  readonly text: string;
  /** Null where the data gives none: names, references, and what is not a fact. */
  readonly evidence: Evidence | null;
  readonly source: string | null;
}

/** Numbers that everybody writes in hexadecimal. */
const HEX_NAMES = /^(address|addresses|code|calibrationOffset|registers)$/;
const HEX_GROUP = /(^|\.)hashCountingNumber$/;
const LINE_KEYS: readonly string[] = ["gpio", "chip offset", "file"];
/** Of every file, and no fact about hardware. */
const NO_FACTS: ReadonlySet<string> = new Set(["schema", "title", "name"]);

/** Hardware data as groups of values, in the order of the data. */
export function factGroups(facts: object): FactGroup[] {
  return groupsOf(withChains(facts as Facts), "");
}

/** Where a control board keeps what is known of its chains beside the chains. */
function withChains(facts: Facts): Facts {
  const { chains, chainFacts, ...others } = facts;
  if (!Array.isArray(chains) || !isFacts(chainFacts)) return facts;
  return { ...others, chains: { ...Object.fromEntries(chains.entries()), ...chainFacts } };
}

function groupsOf(facts: Facts, path: string): FactGroup[] {
  const { evidence, source, ...values } = facts;
  const own: string[] = [];
  const inner: FactGroup[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || (evidence === undefined && NO_FACTS.has(name))) continue;
    const at = path === "" ? name : `${path}.${name}`;
    if (hasGroups(value))
      for (const [key, item] of itemsOf(value)) inner.push(...groupsOf(item, join(at, key)));
    else if (Array.isArray(value) && value.length === 0) continue;
    else if (path === "" || evidence === undefined)
      inner.push({ path: at, text: textOf(name, value), evidence: null, source: null });
    else own.push(`${name} ${textOf(HEX_GROUP.test(path) ? "address" : name, value)}`);
  }
  if (!isEvidence(evidence)) return inner;
  const text = own.length === 0 ? "yes" : own.join(", ");
  return [{ path, text, evidence, source: plain(source) }, ...inner];
}

/** Whether something inside says how it is known. */
function hasGroups(value: unknown): value is Facts | readonly Facts[] {
  if (Array.isArray(value)) return value.some(hasGroups);
  return isFacts(value) && ("evidence" in value || Object.values(value).some(hasGroups));
}

function itemsOf(value: Facts | readonly Facts[]): [string, Facts][] {
  if (!Array.isArray(value)) return [["", value as Facts]];
  const facts = value as readonly Facts[];
  const keys = facts.map(keyOf);
  return facts.map((item, index) => {
    const key = keys[index];
    if (key === undefined) return [String(index), item];
    const others = Object.fromEntries(Object.entries(item).filter(([name]) => name !== key.field));
    const isUnique = keys.filter((other) => other?.text === key.text).length === 1;
    return [isUnique ? key.text : `${key.text} (${String(index)})`, others];
  });
}

/** What tells an item of a list from the others. */
function keyOf(item: Facts): { field: string; text: string } | undefined {
  const field = ["place", "name", "fan", "code"].find((candidate) => candidate in item);
  return field === undefined ? undefined : { field, text: textOf(field, item[field]) };
}

function textOf(name: string, value: unknown): string {
  if (typeof value === "number" && HEX_NAMES.test(name)) return hex(value);
  if (Array.isArray(value)) return value.map((item) => textOf(name, item)).join(", ");
  if (!isFacts(value)) return plain(value);
  if (isLine(value)) return lineText(value);
  return Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([key, part]) => `${key} ${textOf(HEX_NAMES.test(name) ? name : key, part)}`)
    .join(" ");
}

function isLine(value: Facts): value is Facts & Line {
  return LINE_KEYS.includes(Object.keys(value).join(" "));
}

function isFacts(value: unknown): value is Facts {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEvidence(value: unknown): value is Evidence {
  return EVIDENCE.some((word) => word === value);
}

function join(path: string, key: string): string {
  return key === "" ? path : `${path}.${key}`;
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(2, "0")}`;
}

function plain(value: unknown): string {
  return String(value).trim();
}
