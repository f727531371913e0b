import { pino, type Logger as PinoLogger } from "pino";

export type Logger = Pick<PinoLogger, "debug" | "info" | "warn" | "error"> & {
  child(fields: Record<string, unknown>): Logger;
};

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** JSON lines on standard error: standard output belongs to the command's result. `copy` gets each as well. */
export function createLogger(level: LogLevel, copy?: { write(line: string): void }): Logger {
  const out = pino.destination({ fd: 2, sync: true });
  const both = {
    write: (line: string): void => {
      out.write(line);
      copy?.write(line);
    },
  };
  return pino({ level, base: null }, copy === undefined ? out : both);
}
