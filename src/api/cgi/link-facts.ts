import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";

/** How the machine hangs on its network; what nobody knows is empty. */
export interface LinkFacts {
  readonly netdevice: string;
  readonly ipaddress: string;
  readonly netmask: string;
  readonly gateway: string;
  readonly dnsservers: string;
}

interface LinkSources {
  readonly interfaces: ReturnType<typeof networkInterfaces>;
  /** Text of /proc/net/route and of /etc/resolv.conf. */
  readonly routes: string;
  readonly resolvers: string;
}

/** Of the interface with this address of its own. */
export async function readLinkFacts(mac: string | undefined): Promise<LinkFacts> {
  const read = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");
  return linkFacts(mac, {
    interfaces: networkInterfaces(),
    routes: await read("/proc/net/route"),
    resolvers: await read("/etc/resolv.conf"),
  });
}

export function linkFacts(
  mac: string | undefined,
  { interfaces, routes, resolvers }: LinkSources,
): LinkFacts {
  const all = Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses.map((each) => ({ ...each, name })),
  );
  const own = all.filter((each) => mac !== undefined && each.mac.toLowerCase() === mac);
  const link = own.find(({ family }) => family === "IPv4") ?? own[0];
  const isV4 = link?.family === "IPv4";
  const servers = [...resolvers.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, server]) => server);
  return {
    netdevice: link?.name ?? "",
    ipaddress: isV4 ? link.address : "",
    netmask: isV4 ? link.netmask : "",
    gateway: gatewayOf(link?.name, routes),
    dnsservers: servers.join(","),
  };
}

/** Documented: proc(5): of each route the device, where it leads and by whom, hex with the last byte first. */
function gatewayOf(device: string | undefined, routes: string): string {
  for (const line of routes.split("\n")) {
    const [name, leadsTo, by = ""] = line.split("\t");
    if (name !== device || leadsTo !== "00000000" || !/^[0-9A-F]{8}$/.test(by)) continue;
    return [...Buffer.from(by, "hex").reverse()].join(".");
  }
  return "";
}
