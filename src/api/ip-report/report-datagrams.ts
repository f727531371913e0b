import { networkInterfaces } from "node:os";

/** A network that the machine is in. */
export interface OwnNetwork {
  readonly ip: string;
  readonly mac: string;
}

const NO_MAC = "00:00:00:00:00:00";
/** Documented: management.md, 5.4. */
const SEEN = "OK";
const SEEN_BYTES = 10;

export function ownNetworks(interfaces = networkInterfaces()): readonly OwnNetwork[] {
  return Object.values(interfaces).flatMap((addresses = []) =>
    addresses
      .filter(({ internal, family, mac }) => !internal && family === "IPv4" && mac !== NO_MAC)
      .map(({ address, mac }) => ({ ip: address, mac })),
  );
}

/** Exactly one comma and no line end: tools read what follows as part of the MAC. */
export function reportOf({ ip, mac }: OwnNetwork): Buffer {
  return Buffer.from(`${ip},${mac.toUpperCase()}`, "latin1");
}

/** Whether a tool says that it has seen the report. Any other answer gets none: the stock refusal makes pyasic throw. */
export function isEcho(bytes: Buffer, { mac }: OwnNetwork): boolean {
  return bytes.toString("latin1").toUpperCase() === mac.toUpperCase();
}

/** What a tool that has seen the report is told. */
export function seenReply(): Buffer {
  const bytes = Buffer.alloc(SEEN_BYTES);
  bytes.write(SEEN, "latin1");
  return bytes;
}
