import { resolve } from "node:path";
import { Option, type Command } from "commander";
import { loadMachine } from "../boards/load-machine.js";
import type { MachineSpec } from "../boards/machine-spec.js";
import type { VirtualChainSpec, VirtualTransport } from "../virtual/virtual-machine.js";
import { print, type JsonOption } from "./output.js";

interface VirtualFlags extends JsonOption {
  readonly machine: string;
  readonly listen: string;
  readonly record?: string;
  readonly seed: string;
  readonly transport: VirtualTransport;
}

export function registerVirtualCommand(program: Command): void {
  program
    .command("virtual")
    .description("run the virtual hashboards of a machine alone, until it is stopped")
    .option("--machine <name>", "machine (headframe boards list)", "s19k-pro")
    .option("--listen <dir>", "folder for the wires and control.sock", "./virtual")
    .option("--record <dir>", "write both directions of every wire to capture files in this folder")
    .option("--seed <number>", "decides the spread of the chips and every random damage", "1")
    .addOption(
      new Option("--transport <kind>", "what a wire is")
        .choices(["pty", "unix", "tcp"])
        .default("pty"),
    )
    .option("--json", "the line that tells when it is ready as JSON")
    .action(async (flags: VirtualFlags) => {
      const machine = loadMachine(flags.machine);
      const listenDir = resolve(flags.listen);
      const { VirtualMachine } = await import("../virtual/virtual-machine.js");
      const running = await VirtualMachine.start({
        listenDir,
        chains: virtualChains(machine),
        seed: Number(flags.seed),
        transport: flags.transport,
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
      });
      await running.stop();
    });
}

/** The hashboards of a machine as the virtual machine takes them. */
function virtualChains(machine: MachineSpec): VirtualChainSpec[] {
  const { chip, chain } = machine.hashboard;
  return Array.from({ length: machine.chains }, () => ({
    chip: chip.model,
    chips: chain.chips,
    domains: chain.domains,
    nominalFreqMHz: machine.freqMHz.nominal,
    ...(machine.railMv && {
      railMv: machine.railMv.running,
      nominalRailMv: machine.railMv.running,
    }),
  }));
}
