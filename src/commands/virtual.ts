import { join, resolve } from "node:path";
import { InvalidArgumentError, Option, type Command } from "commander";
import { loadDrivenMachine } from "../boards/load-machine.js";
import type { DrivenMachine } from "../boards/machine-spec.js";
import { askSocket } from "../lib/ask-socket.js";
import { MinerError, type ErrorCode, type ErrorContext } from "../lib/errors.js";
import type { VirtualChainSpec, VirtualTransport } from "../virtual/virtual-machine.js";
import { wholeNumber, wholeNumbers } from "./arguments.js";
import { print, type JsonOption } from "./output.js";
import type { ControllerChoice } from "./virtual-body.js";
import { registerVirtualPoolCommand } from "./virtual-pool.js";

interface VirtualFlags extends JsonOption {
  readonly machine: string;
  readonly listen: string;
  readonly record?: string;
  readonly seed: number;
  readonly transport: VirtualTransport;
  readonly quickParts?: boolean;
  readonly powered?: boolean;
  readonly order?: readonly number[];
  readonly controllers: ControllerChoice;
}

/** What the virtual machine's control socket answers with. */
type VirtualReply =
  | ({ readonly ok: true } & Record<string, unknown>)
  | { readonly ok: false; readonly code: ErrorCode; readonly context: ErrorContext };

const ASK_HELP = `
Words: list (the faults and their parameters), fault, clear, state, truth, set, record.
  headframe virtual ask list
  headframe virtual ask fault name=chipDead chain=0 chip=7
  headframe virtual ask clear chain=0
  headframe virtual ask fault name=boardMissing chain=2
  headframe virtual ask truth
  headframe virtual ask set ambientC=35`;

export function registerVirtualCommand(program: Command): void {
  const virtual = program
    .command("virtual")
    .description("run the virtual hardware of a machine alone, until it is stopped")
    .option("--machine <name>", "machine (headframe boards list)", "s19k-pro")
    .option("--listen <dir>", "folder for the wires, hardware.sock and control.sock", "./virtual")
    .option("--record <dir>", "write both directions of every wire to capture files in this folder")
    .option(
      "--seed <number>",
      "decides the spread of the chips and every random damage",
      wholeNumber,
      1,
    )
    .addOption(
      new Option("--transport <kind>", "what a wire is")
        .choices(["pty", "unix", "tcp"])
        .default("pty"),
    )
    .option("--quick-parts", "buses and supply answer at once, for tests that do not measure time")
    .option("--powered", "the supply is on from the start, as on a machine that was running")
    .option(
      "--order <numbers>",
      "tty that each slot's chain hangs on, as 2,1,0; reset lines stay with the slots",
      wholeNumbers,
    )
    .addOption(
      new Option("--controllers <kind>", "controllers of hashboards that exist with and without")
        .choices(["auto", "none", "framed"])
        .default("auto"),
    )
    .option("--json", "the line that tells when it is ready as JSON")
    .action(async (flags: VirtualFlags) => {
      const machine = loadDrivenMachine(flags.machine);
      const listenDir = resolve(flags.listen);
      const { virtualBody } = await import("./virtual-body.js");
      const { VirtualMachine } = await import("../virtual/virtual-machine.js");
      const running = await VirtualMachine.start({
        listenDir,
        chains: virtualChains(machine),
        seed: flags.seed,
        transport: flags.transport,
        body: virtualBody(machine, flags.seed, flags.controllers),
        hasQuickParts: flags.quickParts === true,
        isPowered: flags.powered === true,
        ...(flags.order !== undefined && { wiring: flags.order }),
        ...(flags.record !== undefined && { recordDir: flags.record }),
      });
      print(
        { ready: true, machine: machine.name, listenDir, chains: machine.chains },
        flags,
        () => `${machine.title}: ${String(machine.chains)} virtual chains in ${listenDir}`,
      );
      await new Promise<void>((stop) => {
        process.once("SIGINT", stop);
        process.once("SIGTERM", stop);
        // Started with an IPC channel, as the demo does: nobody is left to stop us.
        process.once("disconnect", stop);
      });
      await running.stop();
    });
  virtual
    .command("ask")
    .description(
      "talk to a running virtual machine (faults by name, state, what is really true, recording) or to a test pool",
    )
    .argument("<word>", "what to do")
    .argument("[parameters...]", "name=value", parameter, {})
    .option("--listen <dir>", "folder of the virtual machine", "./virtual")
    .option("--json", "the answer on one line")
    .addHelpText("after", ASK_HELP)
    .action(ask);
  registerVirtualPoolCommand(virtual);
}

async function ask(
  word: string,
  parameters: Readonly<Record<string, string | number>>,
  _flags: unknown,
  command: Command,
): Promise<void> {
  // --listen and --json are options of the command above too, which takes them first.
  const flags = command.optsWithGlobals<JsonOption & { readonly listen: string }>();
  const socket = join(resolve(flags.listen), "control.sock");
  const reply = (await askSocket(socket, { id: 1, do: word, ...parameters })) as VirtualReply;
  if (!reply.ok) throw new MinerError(reply.code, reply.context);
  print(reply, flags, () => JSON.stringify(reply, null, 2));
}

/** Adds one `name=value`; a value that reads as a number is one. */
function parameter(
  text: string,
  before: Readonly<Record<string, string | number>>,
): Readonly<Record<string, string | number>> {
  const [, name, value] = /^(\w+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError("expected name=value");
  const number = Number(value);
  return { ...before, [name]: Number.isNaN(number) ? value : number };
}

/** The hashboards of a machine as the virtual machine takes them. */
function virtualChains(machine: DrivenMachine): VirtualChainSpec[] {
  const { chain } = machine.hashboard;
  return Array.from({ length: machine.chains }, () => ({
    chip: machine.chip,
    chips: chain.chips,
    domains: chain.domains,
    nominalFreqMHz: machine.freqMHz.nominal,
    ...(machine.railMv && {
      railMv: machine.railMv.running,
      nominalRailMv: machine.railMv.running,
    }),
  }));
}
