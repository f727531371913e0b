import { MinerError } from "../../lib/errors.js";
import { bodyTruth } from "../body/body-truth.js";
import { BODY_FAULTS, describeBodyFaults } from "../body/faults/body-fault-set.js";
import { describeFaults } from "../faults.js";
import type { BodyHost } from "./body-host.js";
import type { ChainLine } from "./chain-line.js";
import type { ControlActions } from "./control-server.js";

/** Of a finger that is in no hurry. */
const PRESS_MS = 300;

/** What the words of the control socket act on. */
export interface ControlledMachine {
  readonly lines: readonly ChainLine[];
  /** Undefined: chains alone. */
  readonly body: BodyHost | undefined;
}

/** The words of the control socket. */
export function machineActions(machine: ControlledMachine): ControlActions {
  const { lines } = machine;
  const nowMs = (): number | undefined => machine.body?.body.changes.nowMs;
  /** With the moment before anything came of the request. */
  const faultsNow = (atMs: number | undefined): object => ({
    ...(atMs !== undefined && { atMs }),
    chains: lines.map(({ faults }) => faults),
    ...(machine.body && { body: machine.body.faults }),
  });
  return {
    list: () => ({
      faults: [...describeFaults(), ...(machine.body === undefined ? [] : describeBodyFaults())],
    }),
    state: () => ({ chains: lines.map((line) => line.state()) }),
    truth: () => bodyTruth(bodyOf(machine).body),
    fault: ({ name, chain, ...parameters }) => {
      const named = textOf("name", name);
      const atMs = nowMs();
      if (machine.body !== undefined && Object.hasOwn(BODY_FAULTS, named))
        machine.body.setFault(named, optional("chain", chain), parameters);
      else for (const line of linesOf(lines, chain)) line.setFault(named, parameters);
      machine.body?.hushChains();
      return faultsNow(atMs);
    },
    clear: ({ name, chain, chip }) => {
      const atMs = nowMs();
      const named = name === undefined ? undefined : textOf("name", name);
      const isOfBody = named !== undefined && Object.hasOwn(BODY_FAULTS, named);
      if (named === undefined || isOfBody)
        machine.body?.clearFaults(named, optional("chain", chain));
      if (!isOfBody || machine.body === undefined)
        for (const line of linesOf(lines, chain)) line.clearFaults(named, optional("chip", chip));
      machine.body?.hushChains();
      return faultsNow(atMs);
    },
    set: ({ chain, railMv, ambientC, inputV }) => {
      if (ambientC !== undefined) bodyOf(machine).body.setAmbientC(numberOf("ambientC", ambientC));
      if (inputV !== undefined) bodyOf(machine).body.setInputV(numberOf("inputV", inputV));
      if (ambientC !== undefined || inputV !== undefined) return {};
      if (machine.body !== undefined)
        throw new MinerError("VIRTUAL_REQUEST_INVALID", {
          expected: "ambientC or inputV; the rail follows the supply",
        });
      const millivolts = numberOf("railMv", railMv);
      for (const line of linesOf(lines, chain)) line.setRail(millivolts);
      return {};
    },
    press: async ({ button, ms }) => {
      const forMs = optional("ms", ms) ?? PRESS_MS;
      if (!(await bodyOf(machine).press(textOf("button", button), forMs)))
        throw new MinerError("VIRTUAL_REQUEST_INVALID", {
          ...{ parameter: "button", value: JSON.stringify(button), expected: "button-ip-report" },
        });
      return {};
    },
    record: async ({ dir }) => {
      if (dir !== undefined && dir !== null) {
        const directory = textOf("dir", dir);
        return { files: await Promise.all(lines.map((line) => line.record(directory))) };
      }
      await Promise.all(lines.map((line) => line.stopRecording()));
      return { files: [] };
    },
  };
}

function bodyOf({ body }: ControlledMachine): BodyHost {
  if (body === undefined)
    throw new MinerError("VIRTUAL_REQUEST_INVALID", { expected: "a machine with a body" });
  return body;
}

/** The chain of a request, or all when it names none. */
function linesOf(lines: readonly ChainLine[], chain: unknown): readonly ChainLine[] {
  if (chain === undefined) return lines;
  const line = lines[numberOf("chain", chain)];
  if (line === undefined)
    throw new MinerError("VIRTUAL_REQUEST_INVALID", {
      parameter: "chain",
      value: JSON.stringify(chain),
      expected: `0..${String(lines.length - 1)}`,
    });
  return [line];
}

function optional(parameter: string, value: unknown): number | undefined {
  return value === undefined ? undefined : numberOf(parameter, value);
}

function numberOf(parameter: string, value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new MinerError("VIRTUAL_REQUEST_INVALID", { parameter, expected: "a number" });
}

function textOf(parameter: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new MinerError("VIRTUAL_REQUEST_INVALID", { parameter, expected: "text" });
}
