/** native/binding/wire_*.cpp: the codec as offline tools see it. */
export interface NativeWireAddon {
  readonly WireDecoder: new (chip: string, responseLength: ResponseLength) => NativeWireDecoder;
  /** Throws `TypeError` when a field does not fit. */
  encodeCommand(command: WireCommand): Uint8Array;
  encodeJob(job: JobFields, lengthByte: number): Uint8Array;
  crc5(bytes: Uint8Array, bitCount: number): number;
  crc16(bytes: Uint8Array): number;
  /** SHA-256d of 80 bytes, as hashed. */
  hashHeader(header: Uint8Array): Uint8Array;
  /** SHA-256d of as many headers as the implementation has lanes, back to back. */
  hashLanes(implementation: string, headers: Uint8Array): Uint8Array;
  /** What this CPU can run. */
  hashImplementations(): readonly { readonly name: string; readonly lanes: number }[];
}

/** 0 when it is not known: each answer is then 9 or 11 bytes, whatever its CRC says. */
export type ResponseLength = 0 | 9 | 11;

export interface NativeWireDecoder {
  /** Frames and garbage that these bytes complete, in order. `timeS` is that of the burst. */
  hostBytes(bytes: Uint8Array, timeS: number): WireFrame[];
  chipBytes(bytes: Uint8Array, timeS: number): WireFrame[];
  /** What is left when no more bytes come. */
  end(): WireFrame[];
  counters(): WireCounters;
}

export interface WireCounters {
  readonly hostFrames: number;
  readonly chipFrames: number;
  /** Places that began like a frame and failed the CRC. */
  readonly crcErrors: number;
  /** Answers with a good CRC and kind bits that no chip sends. */
  readonly kindErrors: number;
  readonly garbageBytes: number;
}

interface FrameBase {
  /** Seconds: time of the burst that holds the last byte. */
  readonly t: number;
  readonly dir: ">" | "<";
  /** All bytes, lower-case hex. */
  readonly frame: string;
}

/** Header fields of a job; hashes in header order. */
export interface JobFields<Hash = Uint8Array> {
  readonly jobByte: number;
  readonly version: number;
  readonly prevhash: Hash;
  readonly merkleRoot: Hash;
  readonly ntime: number;
  readonly nbits: number;
}

/** What `encodeCommand` needs of a frame; the address of a broadcast is not sent. */
export type WireCommand =
  | Pick<CommandFrame, "kind" | "broadcast" | "address">
  | Pick<ReadRegisterFrame, "kind" | "broadcast" | "address" | "register">
  | Pick<WriteRegisterFrame, "kind" | "broadcast" | "address" | "register" | "value">;

interface GoodFrame extends FrameBase {
  readonly crcOk: true;
}

export interface CommandFrame extends GoodFrame {
  readonly kind: "setAddress" | "chainInactive";
  readonly broadcast: boolean;
  readonly address: number;
}

export interface ReadRegisterFrame extends GoodFrame {
  readonly kind: "readRegister";
  readonly broadcast: boolean;
  readonly address: number;
  readonly register: number;
}

export interface WriteRegisterFrame extends GoodFrame {
  readonly kind: "writeRegister";
  readonly broadcast: boolean;
  readonly address: number;
  readonly register: number;
  readonly value: number;
}

export interface JobFrame extends GoodFrame, JobFields<string> {
  readonly kind: "job";
  readonly broadcast: boolean;
  readonly lengthByte: number;
}

export interface RegisterFrame extends GoodFrame {
  readonly kind: "register";
  readonly address: number;
  readonly register: number;
  readonly value: number;
}

export interface NonceFrame extends GoodFrame {
  readonly kind: "nonce";
  readonly jobByte: number;
  readonly subcore: number;
  /** Four bytes in wire order. */
  readonly nonceHex: string;
  readonly core: number;
  /** Bits 24:17 of the nonce, which are an address only where the family and the chain say so. */
  readonly addressField: number;
  readonly excess: number;
  /** Header version bits 28:13; null in an answer of 9 bytes. */
  readonly versionField: number | null;
}

export interface GarbageFrame extends FrameBase {
  readonly kind: "garbage";
  readonly crcOk: false;
  /**
   * `noise` does not begin like a frame; `damaged` does and fails the CRC or the kind bits;
   * `incomplete` is cut off by the end.
   */
  readonly reason: "noise" | "damaged" | "incomplete";
}

export type WireFrame =
  | CommandFrame
  | ReadRegisterFrame
  | WriteRegisterFrame
  | JobFrame
  | RegisterFrame
  | NonceFrame
  | GarbageFrame;
