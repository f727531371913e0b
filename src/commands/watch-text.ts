/** How text looks; without colours it is only text. */
export type Style = "plain" | "dim" | "bold" | "good" | "warning" | "bad";

export interface Span {
  readonly text: string;
  readonly style: Style;
}

/** One line of the screen. */
export type Line = readonly Span[];

// Documented: ECMA-48, Select Graphic Rendition. Bad is inverse, so that it shows on any background.
const CODES: Readonly<Record<Style, string>> = {
  plain: "",
  dim: "2",
  bold: "1",
  good: "32",
  warning: "33;1",
  bad: "31;1;7",
};

const CONTROL_CHARACTERS = /\p{Cc}+/gu;

/** Text from outside must not move the cursor. */
export function span(text: string, style: Style = "plain"): Span {
  return { text: text.replace(CONTROL_CHARACTERS, " "), style };
}

export function line(...parts: readonly (string | Span)[]): Line {
  return parts.map((part) => (typeof part === "string" ? span(part) : part));
}

/** The line as bytes for a terminal of that width; what does not fit is cut off. */
export function paint(spans: Line, width: number, hasColors: boolean): string {
  let left = width;
  let painted = "";
  for (const { text, style } of spans) {
    const shown = text.slice(0, Math.max(0, left));
    left -= shown.length;
    const code = CODES[style];
    painted += hasColors && code !== "" && shown !== "" ? `\x1b[${code}m${shown}\x1b[0m` : shown;
  }
  return painted;
}

/** Columns as wide as their widest cell. */
export function columns(rows: readonly Line[]): readonly Line[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.text.length ?? 0)),
  );
  return rows.map((cells) =>
    cells.map(({ text, style }, column) => ({
      text: `${text.padEnd(widths[column] ?? 0)}  `,
      style,
    })),
  );
}

/** A time span as people say it. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  if (minutes > 0) return `${minutes} min ${whole % 60} s`;
  return `${whole} s`;
}
