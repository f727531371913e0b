import type { MachineCommand } from "../../../src/app/life-cycle/possible-commands.js";
import type { BoardTroubleName } from "./machine-body.js";

/** One thing that happens to a machine or its controller. Plain JSON: a list of them is a whole history. */
export type Step =
  | { readonly do: "wait"; readonly ms: number }
  | {
      readonly do: "fault";
      readonly name: string;
      readonly slot?: number;
      readonly given: Readonly<Record<string, number | string>>;
    }
  | { readonly do: "clear"; readonly name: string; readonly slot?: number }
  | { readonly do: "clearAll" }
  | { readonly do: "board"; readonly trouble: BoardTroubleName; readonly isOn: boolean }
  | { readonly do: "chips"; readonly slot: number; readonly areDead: boolean }
  | { readonly do: "room"; readonly tempC: number }
  | { readonly do: "command"; readonly command: MachineCommand }
  | { readonly do: "set"; readonly freqMHz?: number; readonly railMv?: number }
  | { readonly do: "kill" }
  | { readonly do: "stop" }
  | { readonly do: "start" }
  /** Ends and leaves the machine running for the next start. */
  | { readonly do: "handOver" }
  | { readonly do: "clockJump"; readonly ms: number }
  | { readonly do: "hang"; readonly ms: number }
  /** All faults end, the operator resumes: it must hash again. */
  | { readonly do: "heal" };
