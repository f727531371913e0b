import { powerText } from "./vectors.js";

/** A word of the I2C engine in an S19-generation FPGA. Bits: zynq_fpga_iic_words.json. */
export interface FpgaWord {
  readonly master: number;
  readonly isRead: boolean;
  readonly register: number | undefined;
  readonly address: number;
  readonly data: number;
  readonly isDone: boolean;
}

export function parseFpgaWord(word: number): FpgaWord {
  return {
    master: (word >>> 26) & 3,
    isRead: ((word >>> 25) & 1) === 1,
    register: ((word >>> 24) & 1) === 1 ? (word >>> 8) & 0xff : undefined,
    address: (((word >>> 20) & 15) << 3) | ((word >>> 16) & 7),
    data: word & 0xff,
    isDone: word >>> 31 === 1,
  };
}

/** A transfer with the supply that the capture shows. */
export interface CapturedTransfer {
  readonly is: "write" | "read";
  readonly register: number | undefined;
  readonly data: number;
}

/** One request with its reply, or a read of register 0x00. */
export interface CapturedRound {
  readonly transfers: readonly CapturedTransfer[];
  /** From the end of the last write to the start of the first read, where the capture shows both. */
  readonly replyWaitMs: number | undefined;
}

/**
 * The transfers of the capture. It is sampled: a transfer shows up once or twice, with or without the mark that it is
 * done, and a read begins with the data of the transfer before it.
 */
export function capturedRounds(): CapturedRound[] {
  const samples = powerText("s19pro_psu_words.txt")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(" "))
    .map(([seconds, word]) => ({ atS: Number(seconds), ...parseFpgaWord(Number(word)) }));
  const rounds: { transfers: CapturedTransfer[]; replyWaitMs: number | undefined }[] = [];
  for (const [index, sample] of samples.entries()) {
    const { isRead, register, data, atS } = sample;
    const before = samples[index - 1];
    const isSameKind = before?.isRead === isRead && before.register === register;
    if (isSameKind && before.data === data) continue;
    // The first word of a run of reads still has the data of what was before.
    const isStale = isRead && !isSameKind;
    if (!isRead && (before?.isRead ?? true)) rounds.push({ transfers: [], replyWaitMs: undefined });
    if (isRead && register === 0x00 && !isSameKind)
      rounds.push({ transfers: [], replyWaitMs: undefined });
    const round = rounds.at(-1)!;
    if (isStale && register !== 0x00 && before !== undefined)
      round.replyWaitMs = (atS - before.atS) * 1000;
    if (!isStale) round.transfers.push({ is: isRead ? "read" : "write", register, data });
  }
  return rounds;
}
