export type Level = 0 | 1;

/** How native code can drive a line by itself. */
export type NativeLine =
  /** A file that takes `0` and `1`. */
  | { readonly path: string }
  /** A line of a GPIO character device that is held by a file descriptor of this process. */
  | { readonly fd: number; readonly device: string; readonly offset: number };

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
  /** How native code can drive it without us; left out where it cannot. */
  readonly native?: NativeLine | undefined;
  close(): Promise<void>;
}
