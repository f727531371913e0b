// Beside control characters those that turn the direction of text around, hide, or end a line for some terminals.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu;

const MAX_CHARACTERS = 256;

/** Text from a pool, safe to show and to log: at most 256 characters, with `gap` for what cannot be printed. */
export function printable(text: string, gap = " "): string {
  return text
    .slice(0, 4 * MAX_CHARACTERS)
    .replace(UNPRINTABLE, gap)
    .slice(0, MAX_CHARACTERS);
}
