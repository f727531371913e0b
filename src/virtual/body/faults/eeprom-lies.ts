import { eepromImage, type EepromRecord } from "../../eeprom/eeprom-image.js";
import { hash32, SeededRandom } from "../../random.js";
import type { EepromTrouble } from "./body-effects.js";

const SIZE = 256;
const BLANK = 0xff;

/**
 * What an EEPROM reads as in place of its own bytes; undefined: its own.
 * @param images of all slots
 */
export function shownEeprom(
  trouble: EepromTrouble | undefined,
  slot: number,
  images: readonly (Uint8Array | undefined)[],
  record: EepromRecord | undefined,
  seed: number,
): Uint8Array | undefined {
  switch (trouble?.is) {
    case "blank":
      return new Uint8Array(SIZE).fill(BLANK);
    case "clone":
      return images[trouble.of];
    case "garbled":
      return garbled(images[slot], trouble.share, new SeededRandom(hash32(seed, 0xee00 + slot)));
    case "otherBoard":
      return record && eepromImage(5, { ...record, boardName: trouble.boardName });
    case "silent":
    case undefined:
      return undefined;
  }
}

function garbled(
  image: Uint8Array | undefined,
  share: number,
  random: SeededRandom,
): Uint8Array | undefined {
  return image?.map((byte) => (random.next() < share ? byte ^ (1 + random.below(255)) : byte));
}
