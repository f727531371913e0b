import { readFileSync } from "node:fs";
import { bytesOfHex } from "../codec/vectors.js";

/** A file of test/fixtures/eeprom. */
export function eepromVectors<Vectors>(name: string): Vectors {
  const url = new URL(`../../fixtures/eeprom/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as Vectors;
}

export interface OneRegionVector {
  readonly id: string;
  readonly first_bytes_hex: string;
  readonly decrypted_hex: string;
  readonly decoded: {
    readonly format: number;
    readonly board_sn: string;
    readonly chip_die: string;
    readonly chip_marking: string;
    readonly chip_bin: number;
    readonly ft_version?: string;
    readonly ft_version_raw?: string;
    readonly asic_sensor: number;
    readonly pic_sensor_code: string;
    readonly pic_sensor_part: string;
    readonly pic_sensor_mask: string;
    readonly pcb_version: string;
    readonly bom_version: string;
    readonly chip_tech: string;
    readonly voltage_x100: number;
    readonly frequency_mhz: number;
    readonly nonce_rate_x100: number;
    readonly pcb_temp_in: number;
    readonly pcb_temp_out: number;
    readonly test_version: number;
    readonly test_standard: number;
    readonly crc5: number;
  };
}

/** Six memories of two S19 Pro units. Captured. */
export function capturedMemories(): readonly OneRegionVector[] {
  return eepromVectors<{ vectors: OneRegionVector[] }>("x19_formats_2_3").vectors;
}

/** The whole memory of a vector: unused bytes FF, the last one 5A. */
export function imageOf({ first_bytes_hex: hex }: OneRegionVector): Uint8Array {
  const image = new Uint8Array(256).fill(0xff);
  image.set(bytesOfHex(hex));
  image[255] = 0x5a;
  return image;
}
