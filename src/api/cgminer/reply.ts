import type { Row } from "./fields.js";
import type { MinerPicture } from "./picture.js";
import type { RequestForm } from "./request.js";

/** Success, info, warning, error. */
type Severity = "S" | "I" | "W" | "E";

/** The first thing in every reply. */
export interface Status {
  readonly severity: Severity;
  readonly code: number;
  readonly msg: string;
}

interface Section {
  readonly name: string;
  readonly rows: readonly Row[];
}

export type Reply =
  | { readonly is: "sections"; readonly status: Status; readonly sections: readonly Section[] }
  /** BYE and RESTART have no section. */
  | { readonly is: "word"; readonly word: string }
  /** The later form of the maker, which is JSON only. */
  | { readonly is: "object"; readonly value: object };

/** Answers to one request, each under the name that was asked for when several were. */
export type Answer =
  | { readonly is: "one"; readonly reply: Reply }
  | { readonly is: "joined"; readonly replies: readonly (readonly [string, Reply])[] };

/** Rows of these begin with their own name and number. Documented: cgminer API-README. */
const NUMBERED = new Set(["POOLS", "DEVS", "ASC", "STATS", "NOTIFY", "DEVDETAILS"]);
/** Documented: this code alone has no description. */
const INVALID_COMMAND = 14;

export function success(
  code: number,
  msg: string,
  name?: string,
  rows: readonly Row[] = [],
): Reply {
  const sections = name === undefined ? [] : [{ name, rows }];
  return { is: "sections", status: { severity: "S", code, msg }, sections };
}

export function failure(code: number, msg: string, severity: Severity = "E"): Reply {
  return { is: "sections", status: { severity, code, msg }, sections: [] };
}

/** With the zero byte that ends it. */
export function bytesOf(...parts: Parameters<typeof textOf>): Buffer {
  return Buffer.from(`${textOf(...parts)}\0`);
}

/** The same without it. */
export function textOf(
  answer: Answer,
  form: RequestForm,
  picture: Pick<MinerPicture, "program" | "version" | "unixS">,
): string {
  if (form === "json") {
    if (answer.is === "one") return JSON.stringify(jsonOf(answer.reply, picture));
    const entries = answer.replies.map(
      ([name, reply]) => [name, [jsonOf(reply, picture)]] as const,
    );
    return JSON.stringify({ ...Object.fromEntries(entries), id: 1 });
  }
  if (answer.is === "one") return pipesOf(answer.reply, picture);
  return answer.replies
    .map(([name, reply]) => `CMD=${escaped(name)}|${pipesOf(reply, picture)}`)
    .join("");
}

type Header = Pick<MinerPicture, "program" | "version" | "unixS">;

function jsonOf(reply: Reply, header: Header): object {
  if (reply.is === "object") return reply.value;
  if (reply.is === "word") return { STATUS: reply.word, id: 1 };
  const sections = reply.sections.map(({ name, rows }) => [name, rows] as const);
  return { STATUS: [statusRow(reply.status, header)], ...Object.fromEntries(sections), id: 1 };
}

function pipesOf(reply: Reply, header: Header): string {
  if (reply.is === "word") return reply.word;
  // Nobody can ask for it in this form.
  if (reply.is === "object") return "";
  const rows = reply.sections.flatMap(({ name, rows }) =>
    rows.map((each) => (NUMBERED.has(name) ? pairs(each) : `${name},${pairs(each)}`)),
  );
  return [pairs(statusRow(reply.status, header)), ...rows].map((part) => `${part}|`).join("");
}

function statusRow({ severity, code, msg }: Status, { program, version, unixS }: Header): Row {
  return {
    ...{ STATUS: severity, When: unixS, Code: code, Msg: msg },
    ...(code !== INVALID_COMMAND && { Description: `${program} ${version}` }),
  };
}

function pairs(row: Row): string {
  return Object.entries(row)
    .map(([key, value]) => `${escaped(key)}=${escaped(String(value))}`)
    .join(",");
}

function escaped(text: string): string {
  // What ends a reply for its readers must not stand within.
  return text.replace(/[|,=\\]/g, "\\$&").replace(/\p{Cc}/gu, " ");
}
