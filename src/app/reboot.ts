import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { isServedVirtually, type ControlBoard } from "../boards/machine-spec.js";
import { MinerError } from "../lib/errors.js";

/** Inferred: where BusyBox and Debian have it. */
const USUAL_PROGRAM = "/sbin/reboot";

export interface RebootWish {
  readonly board: Pick<ControlBoard, "virtual" | "devices">;
  /** Of the owner. */
  readonly rebootWith?: string | undefined;
}

/**
 * The program that starts the control board anew.
 * @throws REBOOT_UNAVAILABLE: the program may not, or on a virtual control board there is nothing to start
 */
export function rebootProgram({ board, rebootWith }: RebootWish): string {
  if (isServedVirtually(board) && rebootWith === undefined)
    throw new MinerError("REBOOT_UNAVAILABLE", { reason: "the control board is virtual" });
  const program = rebootWith ?? USUAL_PROGRAM;
  try {
    accessSync(program, constants.X_OK);
  } catch (cause) {
    throw new MinerError("REBOOT_UNAVAILABLE", { program, reason: String(cause) }, { cause });
  }
  // Whoever names a program of its own may have given it what it needs.
  if (rebootWith === undefined && process.getuid?.() !== 0)
    throw new MinerError("REBOOT_UNAVAILABLE", { program, reason: "not run as root" });
  return program;
}

/** Returns at once; the program goes on when this one has ended. */
export function startReboot(program: string): void {
  spawn(program, { detached: true, stdio: "ignore" }).unref();
}
