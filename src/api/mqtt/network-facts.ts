import { networkInterfaces } from "node:os";

export interface NetworkFacts {
  /** Lower case with colons. */
  readonly mac: string | undefined;
  readonly ip: string | undefined;
}

const NO_MAC = "00:00:00:00:00:00";

/** Of the first wired interface, or the first of all. */
export function networkFacts(interfaces = networkInterfaces()): NetworkFacts {
  const all = Object.entries(interfaces)
    .flatMap(([name, addresses = []]) =>
      addresses.map(({ mac, address, family, internal }) => ({
        ...{ name, mac: mac.toLowerCase(), address, family },
        isOurs: !internal && mac !== NO_MAC,
      })),
    )
    .filter(({ isOurs }) => isOurs)
    .sort((a, b) => Number(b.name.startsWith("e")) - Number(a.name.startsWith("e")));
  const mac = all[0]?.mac;
  const ip = all.find((each) => each.mac === mac && each.family === "IPv4")?.address;
  return { mac, ip };
}
