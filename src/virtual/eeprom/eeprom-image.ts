import { crc5 } from "../codec/crc.js";
import { xxteaEncrypt } from "./xxtea.js";

/** How the record lies in the memory. */
export type EepromFormat = 3 | 5;

/** What the factory writes into a hashboard. Texts are cut to what their field holds. */
export interface EepromRecord {
  readonly serial: string;
  readonly boardName: string;
  readonly factoryJob: string;
  readonly chipDie: string;
  readonly chipMarking: string;
  readonly chipBin: number;
  readonly ftVersion: string;
  readonly chipTechnology: string;
  readonly pcbVersion: number;
  readonly bomVersion: number;
  /** Sensors behind the board controller: one bit for each address. */
  readonly controllerSensors?: { readonly part: keyof typeof SENSOR_CODE; readonly mask: number };
  readonly voltageMv: number;
  readonly freqMHz: number;
  readonly nonceRatePct: number;
  readonly tempInC: number;
  readonly tempOutC: number;
  readonly testVersion: number;
  readonly testStandard: number;
}

/** Sensor codes. Documented: fact sheet section 4.2. */
const SENSOR_CODE = { lm75a: 0x0a, tmp75a: 0x0b, ct75: 0x0e, tmp75: 0x10 } as const;
const BEHIND_CONTROLLER = 0x80;

const SIZE = 256;
/** "uileynimggnagnau", with which nine real S19 Pro boards decode. */
const KEY_S19 = "75696c65796e696d67676e61676e6175";
/** The key at index 1 of the S21 factory tool. */
const KEY_S21 = "7451ed7c7b5cd872174fe0790a15e4f5";
/** Cipher 1, key 1. */
const CIPHER_AND_KEY = 0x11;
const FILLER = 0xff;
const LAST_BYTE = 0x5a;

export function eepromImage(format: EepromFormat, record: EepromRecord): Uint8Array {
  return format === 3 ? eepromFormat3(record) : eepromFormat5(record);
}

/** Format 3. Offsets in the plain text after the two bytes of the header; high byte first. */
function eepromFormat3(record: EepromRecord): Uint8Array {
  const used = 0x4a;
  const image = Buffer.alloc(SIZE, FILLER);
  const plain = Buffer.alloc(used - 2);
  plain[0] = 3;
  text(plain, 1, 17, record.serial);
  text(plain, 18, 2, record.chipDie);
  text(plain, 20, 13, record.chipMarking);
  plain[33] = record.chipBin;
  text(plain, 34, 9, record.ftVersion);
  plain.set(sensorBytes(record), 48);
  plain.writeUInt16BE(record.pcbVersion, 50);
  plain.writeUInt16BE(record.bomVersion, 52);
  text(plain, 54, 2, record.chipTechnology);
  plain.writeUInt16BE(Math.round(record.voltageMv / 10), 56);
  plain.writeUInt16BE(Math.round(record.freqMHz), 58);
  plain.writeUInt16BE(Math.round(record.nonceRatePct * 100), 60);
  plain.writeInt8(record.tempInC, 62);
  plain.writeInt8(record.tempOutC, 63);
  plain[64] = record.testVersion;
  plain[65] = record.testStandard;
  const header = [CIPHER_AND_KEY, used];
  plain[71] = crc5(Uint8Array.from([...header, ...plain.subarray(0, -1)]));
  image.set(header);
  image.set(xxteaEncrypt(plain, Buffer.from(KEY_S19, "hex")), 2);
  image[SIZE - 1] = LAST_BYTE;
  return new Uint8Array(image);
}

/** Format 5. Offsets in the image; low byte first. */
function eepromFormat5(record: EepromRecord): Uint8Array {
  const image = plainFormat5(record);
  for (const { start, length } of REGIONS_5) {
    const region = image.subarray(start, start + length);
    image.set(xxteaEncrypt(region, Buffer.from(KEY_S21, "hex")), start);
  }
  return image;
}

/** Each is encrypted by itself. */
const REGIONS_5 = [
  { start: 0x02, length: 96 },
  { start: 0x62, length: 16 },
  { start: 0x72, length: 136 },
] as const;

/** Format 5 before it is encrypted. */
function plainFormat5(record: EepromRecord): Uint8Array {
  const image = Buffer.alloc(SIZE, FILLER);
  image.fill(0, 0x00, 0xfa);
  image[0x00] = 5;
  image[0x01] = CIPHER_AND_KEY;
  text(image, 0x02, 18, record.serial);
  text(image, 0x14, 3, record.chipDie);
  text(image, 0x17, 14, record.chipMarking);
  image[0x25] = record.chipBin;
  text(image, 0x26, 10, record.ftVersion);
  image.writeUInt16LE(record.pcbVersion, 0x30);
  image.writeUInt16LE(record.bomVersion, 0x32);
  image.set(sensorBytes(record), 0x39);
  text(image, 0x3b, 3, record.chipTechnology);
  text(image, 0x3e, 9, record.boardName);
  text(image, 0x47, 24, record.factoryJob);
  image[0x5f] = 1;
  image[0x60] = 1;
  image[0x61] = crc5(image.subarray(0x00, 0x61));
  image.writeUInt16LE(Math.round(record.voltageMv / 10), 0x62);
  image.writeUInt16LE(Math.round(record.freqMHz), 0x64);
  image.writeUInt16LE(Math.round(record.nonceRatePct * 100), 0x66);
  image.writeInt8(record.tempInC, 0x68);
  image.writeInt8(record.tempOutC, 0x69);
  image[0x6a] = record.testVersion;
  image[0x6b] = record.testStandard;
  image[0x6c] = 1;
  image[0x6d] = 1;
  image[0x71] = crc5(image.subarray(0x62, 0x71));
  // No sweep: every chip at the base. The one real record is like that.
  image.writeUInt16LE(Math.round(record.freqMHz) + 1, 0x74);
  image[0x76] = 1;
  image[0xf7] = 1;
  image[0xf9] = crc5(image.subarray(0x72, 0xf9));
  return new Uint8Array(image);
}

function sensorBytes({ controllerSensors }: EepromRecord): readonly [code: number, mask: number] {
  if (controllerSensors === undefined) return [0, 0];
  return [BEHIND_CONTROLLER + SENSOR_CODE[controllerSensors.part], controllerSensors.mask];
}

/** Zeros behind the text. */
function text(into: Buffer, at: number, length: number, value: string): void {
  into.fill(0, at, at + length);
  into.write(value.slice(0, length), at, "latin1");
}
