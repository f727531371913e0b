import { BRING_UPS } from "../../../src/asic/bring-up/bring-ups.js";
import type { BringUpSettings, ChainGeometry, Step } from "../../../src/asic/bring-up/steps.js";
import type { BringUpName } from "../../../src/boards/names.js";
import { chainInactiveFrame, readFrame, setAddressFrame, writeFrame } from "./frames.js";

/** What a bring-up does on the wire, one word or frame a line, and how long it waits after it. */
export interface Sent {
  readonly what: string;
  readonly delayMs: number;
}

export function sentBy(
  name: BringUpName,
  geometry: ChainGeometry,
  settings: BringUpSettings,
): Sent[] {
  return BRING_UPS[name].steps(geometry, settings).map((step) => sent(step, geometry));
}

function sent(step: Step, geometry: ChainGeometry): Sent {
  switch (step.is) {
    case "reset":
      return { what: `reset ${String(step.lowMs)} ${String(step.highMs)}`, delayMs: 0 };
    case "hostBaud":
      return { what: `host ${String(step.baud)}`, delayMs: step.settleMs };
    case "discover":
      return { what: readFrame("all", 0x00), delayMs: step.silenceMs };
    case "chainInactive":
      return { what: chainInactiveFrame(), delayMs: step.delayAfterMs };
    case "setAddress":
      return { what: setAddressFrame(step.address), delayMs: step.delayAfterMs };
    case "checkAddresses":
      return { what: "check addresses", delayMs: step.silenceMs };
    case "checkLink":
      return {
        what: `check ${readFrame((geometry.chips - 1) * geometry.addressStep, 0x00)}`,
        delayMs: 0,
      };
    case "write":
      return {
        what: writeFrame(step.target, step.register, step.value),
        delayMs: step.delayAfterMs,
      };
    case "delay":
      return { what: `delay ${String(step.ms)}`, delayMs: 0 };
    case "firstWork":
      return { what: "first work", delayMs: 0 };
  }
}
