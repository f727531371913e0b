import type { MdnsConfig } from "../../app/mdns-config.js";
import { findingOf } from "../../lib/finding.js";
import type { MdnsOptions, MdnsService } from "./mdns-service.js";

/**
 * Undefined where the configuration does not ask for it: the library is not even loaded then. Never rejects: a machine mines
 * unannounced.
 */
export async function startMdns(
  options: Omit<MdnsOptions, "mdns"> & { readonly mdns: MdnsConfig | undefined },
): Promise<MdnsService | undefined> {
  const { mdns, log } = options;
  if (mdns?.isOn !== true) return undefined;
  try {
    const { MdnsService: Service } = await import("./mdns-service.js");
    return Service.start({ ...options, mdns });
  } catch (error) {
    log.error(findingOf(error), "mDNS could not be started");
    return undefined;
  }
}
