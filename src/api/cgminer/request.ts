/** Documented: cgminer does one receive of so many bytes. */
export const MAX_REQUEST_BYTES = 4095;

export type RequestForm = "json" | "text";

/** What a client wants, as far as it could be understood. */
export type Request =
  | {
      readonly form: RequestForm;
      readonly is: "command";
      /** As it was written; several are joined by `+`. */
      readonly command: string;
      readonly parameter: string | undefined;
      readonly isNewApi: boolean;
    }
  | { readonly form: RequestForm; readonly is: "invalidJson" }
  | { readonly form: RequestForm; readonly is: "noCommand" };

/** The first byte decides. */
export function formOf(bytes: Uint8Array): RequestForm {
  return bytes[0] === 0x7b ? "json" : "text";
}

/** Never throws, whatever the bytes are. */
export function parseRequest(bytes: Uint8Array): Request {
  const form = formOf(bytes);
  const text = trimmed(bytes);
  return form === "json" ? fromJson(text) : fromText(text);
}

/**
 * Whether nothing more is to be waited for. Text without an end may have one still to come; JSON is over with its
 * last brace.
 */
export function isWhole(bytes: Uint8Array): boolean {
  if (bytes.length >= MAX_REQUEST_BYTES) return true;
  const last = bytes.at(-1);
  if (last === undefined) return false;
  const hasEnd = last === 0x00 || last === 0x0a;
  if (formOf(bytes) === "text") return hasEnd;
  const text = trimmed(bytes);
  return text.endsWith("}") && parsedJson(text) !== undefined;
}

/** Some send the terminator too, and shell users a newline. */
function trimmed(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("utf8")
    .replace(/[\s\0]+$/, "");
}

function fromJson(text: string): Request {
  const plain = parsedJson(text);
  if (plain === undefined) return { form: "json", is: "invalidJson" };
  const command = plain["command"];
  if (command === undefined || command === null) return { form: "json", is: "noCommand" };
  return {
    form: "json",
    is: "command",
    // What is no text is the name of nothing.
    command: typeof command === "string" ? command.trim() : "",
    parameter: parameterOf(plain["parameter"]),
    isNewApi: plain["new_api"] === true || plain["new_api"] === 1,
  };
}

function fromText(text: string): Request {
  const bar = text.indexOf("|");
  const command = (bar < 0 ? text : text.slice(0, bar)).trim();
  const parameter = bar < 0 ? undefined : text.slice(bar + 1);
  return {
    ...{ form: "text", is: "command", command, isNewApi: false },
    parameter: parameterOf(parameter),
  };
}

function parsedJson(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const plain: unknown = JSON.parse(text);
    return typeof plain === "object" && plain !== null && !Array.isArray(plain)
      ? (plain as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined; // told to the client as Invalid JSON
  }
}

function parameterOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}
