import { rejects } from "node:assert/strict";
import { Command, CommanderError } from "commander";
import { registerWireCommands } from "../../../src/commands/wire.js";
import { isMinerError } from "../../../src/lib/errors.js";

/** Runs `headframe wire ...` inside this process, with usage errors thrown. */
async function wire(...args: string[]): Promise<void> {
  const program = new Command("headframe");
  registerWireCommands(program);
  for (const command of program.commands.flatMap((group) => [group, ...group.commands]))
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(["node", "headframe", "wire", ...args]);
}

describe("wire commands", () => {
  for (const [what, args] of [
    ["no chip", ["decode"]],
    ["a chip family without full-header jobs", ["check", "--chip", "BM1397"]],
    ["an unknown network", ["check", "--chip", "BM1366", "--network", "testnet"]],
    ["a network for decode", ["decode", "--chip", "BM1366", "--network", "mainnet"]],
    ["an impossible length of answers", ["decode", "--chip", "BM1366", "--response-length", "7"]],
    ["two files", ["decode", "--chip", "BM1366", "a", "b"]],
  ] as const)
    it(`refuses ${what} as wrong usage`, async () => {
      await rejects(wire(...args), CommanderError);
    });

  it("names a file that cannot be read", async () => {
    await rejects(
      wire("decode", "--chip", "BM1366", "/nonexistent/capture"),
      (error) =>
        isMinerError(error, "CAPTURE_UNREADABLE") &&
        error.context["file"] === "/nonexistent/capture",
    );
  });

  it("names the first line of a file that is no capture", async () => {
    await rejects(
      wire("check", "--chip", "BM1366", new URL(import.meta.url).pathname),
      (error) => isMinerError(error, "CAPTURE_INVALID") && error.context["line"] === 1,
    );
  });
});
