import { toHex } from "../lib/bytes.js";
import type { Level } from "./gpio.js";

/** One thing that native code does by itself, without JavaScript, to switch something off. */
export type OffAction =
  /** A value file or a FIFO that takes the text. */
  | { readonly is: "file"; readonly path: string; readonly text: string }
  /** A line of a GPIO character device; this process holds it by `fd`. */
  | {
      readonly is: "line";
      readonly device: string;
      readonly offset: number;
      readonly level: Level;
      readonly fd: number;
    }
  /** One write on a bus with a device node. */
  | {
      readonly is: "i2c";
      readonly device: string;
      readonly address: number;
      readonly bytes: Uint8Array;
    }
  /** A JSON line to a socket that answers with one, which has `"ok":true`. */
  | { readonly is: "request"; readonly socket: string; readonly request: object };

/** As native/guard/off_action.hpp reads it. */
export function offActionText(action: OffAction): string {
  return fieldsOf(action).join("\t");
}

function fieldsOf(action: OffAction): readonly (string | number)[] {
  switch (action.is) {
    case "file":
      return ["file", action.path, action.text];
    case "line":
      return ["line", action.device, action.offset, action.level, action.fd];
    case "i2c":
      return ["i2c", action.device, action.address, toHex(action.bytes)];
    case "request":
      return ["request", action.socket, JSON.stringify(action.request)];
  }
}
