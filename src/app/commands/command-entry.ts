import * as z from "zod/mini";

/**
 * What a way must be allowed for a command: `read` only asks, `operate` changes what the machine does now, `configure`
 * what it is set to.
 */
export type Scope = "read" | "operate" | "configure";

/** One line of the table of commands. */
export interface CommandEntry {
  readonly scope: Scope;
  /** What the parameters must be, in words. */
  readonly expected: string;
  /** Whether the parameters may be written down: others may hold passwords. */
  readonly isOpen: boolean;
  /** Must not be done twice, whatever happens meanwhile: its id is on the disk before it is done. */
  readonly isOnce: boolean;
  /** What is to be done with these parameters; undefined when they are wrong. */
  prepare(params: unknown): (() => unknown) | undefined;
}

/** A command without parameters. */
export function plainCommand(scope: Scope, run: () => unknown): CommandEntry {
  return command(scope, z.strictObject({}), "no parameters", run);
}

/** One without parameters that must not be done twice. */
export function onceCommand(scope: Scope, run: () => unknown): CommandEntry {
  return { ...plainCommand(scope, run), isOnce: true };
}

export function command<Params>(
  scope: Scope,
  schema: z.ZodMiniType<Params>,
  expected: string,
  run: (params: Params) => unknown,
  isOpen = false,
): CommandEntry {
  return {
    ...{ scope, expected, isOpen, isOnce: false },
    prepare: (params) => {
      const parsed = schema.safeParse(params ?? {});
      return parsed.success ? () => run(parsed.data) : undefined;
    },
  };
}
