import { readFileSync } from "node:fs";

/** A file of test/fixtures/bm13xx. */
export function vectorFile(name: string): unknown {
  const url = new URL(`../../fixtures/bm13xx/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8"));
}

/** The cases of such a file; the caller states their shape. */
export function vectorCases<Case>(name: string): Case[] {
  return (vectorFile(name) as { readonly cases: Case[] }).cases;
}

/** The case of that id. */
export function vectorCase(name: string, id: string): unknown {
  const found = vectorCases<{ readonly id: string }>(name).find((each) => each.id === id);
  if (found === undefined) throw new Error(`${name} has no case ${id}`);
  return found;
}

export function bytesOfHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}

export interface StreamCase {
  readonly id: string;
  readonly bytes: string;
  readonly frame_length: 9 | 11;
  readonly expected_frames: readonly string[];
  readonly bytes_discarded: number;
  readonly bytes_left_waiting: string;
}

export interface ResponseCase {
  readonly id: string;
  readonly chip: string;
  readonly frame: string;
  readonly length: 9 | 11;
  readonly kind: "register" | "nonce";
  readonly decoded: {
    readonly value?: string;
    readonly chip_address?: number;
    readonly register?: string;
    readonly nonce_wire?: string;
    readonly excess_byte?: number;
    readonly version_field?: string;
    readonly job_id_byte?: number;
    readonly subcore?: number;
    readonly core?: number;
    readonly address_if_step2?: string;
  };
}

export interface JobCase {
  readonly id: string;
  readonly chip: string;
  readonly frame: string;
  readonly fields: {
    readonly length_byte: number;
    readonly job_id_byte: number;
    readonly nbits: string;
    readonly ntime: string;
    readonly version: string;
    readonly merkle_root_header_bytes: string;
    readonly prev_hash_header_bytes: string;
    readonly header_first_76: string;
  };
}

export interface RegisterWriteCase {
  readonly id: string;
  readonly frame: string;
  readonly scope: "broadcast" | "chip";
  readonly address: number;
  readonly register: string;
  readonly value: string;
}

export interface NonceCase {
  readonly id: string;
  readonly chip: "BM1366" | "BM1370";
  readonly job_frame: string;
  readonly response_frame: string;
  readonly version_used: string;
  readonly header80: string;
  readonly difficulty: number;
  readonly ticket_mask_difficulty: number;
  readonly decoded: {
    readonly nonce_wire: string;
    readonly job_id_byte: number;
    readonly core: number;
  };
}
