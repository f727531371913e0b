import { InvalidArgumentError } from "commander";

/** Commander parser for counts and ports: a whole number of 0 or more. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError("Expected a whole number.");
  return value;
}
