export type Level = 0 | 1;

export interface GpioInput {
  readonly name: string;
  /** @throws GPIO_FAILED */
  read(): Promise<Level>;
  close(): Promise<void>;
}

/** A line that is driven. Closing leaves it as it is. */
export interface GpioOutput {
  readonly name: string;
  /** Resolves when the line has the level. @throws GPIO_FAILED */
  write(level: Level): Promise<void>;
  close(): Promise<void>;
}
