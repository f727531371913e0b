import { crc5 } from "../../../../src/drivers/eeprom/crc5.js";
import { eepromKeys } from "../../../../src/drivers/eeprom/keys.js";
import { xxteaEncrypt } from "./xxtea-encrypt.js";

/** A memory whose used bytes are `header`, then `plain` encrypted with a CRC5 put into its last byte. */
export function oneRegionMemory(
  header: readonly number[],
  plain: Uint8Array,
  keyIndex = 3,
): Uint8Array {
  const image = new Uint8Array(256).fill(0xff);
  image.set(header);
  image.set(sealed(plain, keyIndex, header), 2);
  image[255] = 0x5a;
  return image;
}

/** Encrypted, with the CRC5 over `covered` and `plain` in the last byte. */
export function sealed(
  plain: Uint8Array,
  keyIndex: number,
  covered: readonly number[] = [],
): Uint8Array {
  const bytes = new Uint8Array(plain);
  bytes[bytes.length - 1] = crc5(Uint8Array.of(...covered, ...bytes.subarray(0, -1)));
  return xxteaEncrypt(bytes, eepromKeys()[keyIndex]!.bytes);
}
