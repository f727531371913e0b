import type { ChipModel } from "./chain-port.js";
import type { NativeWireDecoder, ResponseLength } from "./native-wire.js";
import { loadAddon } from "./native.js";

/** A decoder for one recorded wire. Throws INTERNAL when the addon was not built. */
export function openWireDecoder(
  chip: ChipModel,
  responseLength: ResponseLength = 0,
): NativeWireDecoder {
  return new (loadAddon().WireDecoder)(chip, responseLength);
}
