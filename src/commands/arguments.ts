import { InvalidArgumentError } from "commander";

/** Commander parser for counts and ports: a whole number of 0 or more. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError("Expected a whole number.");
  return value;
}

/** Commander parser for whole numbers with commas between them, as 2,1,0. */
export function wholeNumbers(text: string): number[] {
  return text.split(",").map(wholeNumber);
}
