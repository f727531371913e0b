import { isIPv6 } from "node:net";

/** One house has a whole network of IPv6. */
const IPV6_GROUPS = 4;

/** What stands for an address where addresses are counted: itself, or its network of IPv6. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (!isIPv6(plain)) return plain;
  // Written out, so that its first groups are its network.
  const [head = "", tail = ""] = plain.split("::");
  const [before, after] = [head, tail].map((part) => part.split(":").filter((each) => each !== ""));
  const zeros = Array.from(
    { length: Math.max(0, 8 - (before?.length ?? 0) - (after?.length ?? 0)) },
    () => "0",
  );
  return [...(before ?? []), ...zeros, ...(after ?? [])].slice(0, IPV6_GROUPS).join(":");
}
