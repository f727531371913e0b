import { closeSync, openSync, writeSync } from "node:fs";

/** Writes down the lines of one connection; times are clock times in ms. */
export interface Transcript {
  add(atMs: number, direction: ">" | "<", line: string): void;
  close(): void;
}

/** Appends lines of the form `SECONDS > JSON` to `lines`, with seconds since `startMs`. */
export function arrayTranscript(lines: string[], startMs: number): Transcript {
  return {
    add: (atMs, direction, line) => {
      lines.push(transcriptLine(atMs - startMs, direction, line));
    },
    close: () => undefined,
  };
}

/** The same into a new file, each line written at once so that none is lost. */
export function fileTranscript(path: string, startMs: number): Transcript {
  const file = openSync(path, "w");
  return {
    add: (atMs, direction, line) => {
      writeSync(file, `${transcriptLine(atMs - startMs, direction, line)}\n`);
    },
    close: () => {
      closeSync(file);
    },
  };
}

function transcriptLine(ms: number, direction: ">" | "<", line: string): string {
  return `${(ms / 1000).toFixed(6)} ${direction} ${line}`;
}
