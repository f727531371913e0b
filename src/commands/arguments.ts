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

/** Null: the machine's own. */
export type Wishes<Name extends string> = Readonly<Partial<Record<Name, number | null>>>;

/** Commander parser for NAME=NUMBER and NAME=default, again and again. */
export function wishesFor<Name extends string>(
  names: readonly Name[],
): (text: string, before: Wishes<Name>) => Wishes<Name> {
  return (text, before) => {
    const [, name, value] = /^(\w+)=(.+)$/.exec(text) ?? [];
    const known = names.find((each) => each === name);
    if (known === undefined || value === undefined) {
      const expected = names.map((each) => `${each}=NUMBER`).join(", ");
      throw new InvalidArgumentError(`expected ${expected}`);
    }
    if (value === "default") return { ...before, [known]: null };
    const number = Number(value);
    if (!(number > 0)) throw new InvalidArgumentError("expected a number above 0, or default");
    return { ...before, [known]: number };
  };
}
