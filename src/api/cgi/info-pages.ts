import { row, type Row } from "../cgminer/fields.js";
import type { MinerPicture } from "../cgminer/picture.js";
import type { LinkFacts } from "./link-facts.js";

/** What the pages tell that no picture has. */
export interface HostFacts {
  /** Lower case with colons. */
  readonly mac: string | undefined;
  readonly hostname: string;
  readonly kernel: string;
  /** As in boards/control-boards. */
  readonly controlBoard: string;
  readonly link: LinkFacts;
}

/** How the address is come by nobody knows here, nor a number of the whole machine: both are left out. */
export function systemInfo({ type, compileTime }: MinerPicture, host: HostFacts): Row {
  const { netdevice, ipaddress, netmask, gateway, dnsservers } = host.link;
  return row({
    ...{ minertype: type, netdevice, macaddr: host.mac?.toUpperCase(), hostname: host.hostname },
    ...{ ipaddress, netmask, gateway, dnsservers, system_mode: "GNU/Linux" },
    system_kernel_version: `Linux ${host.kernel}`,
    ...{ system_filesystem_version: compileTime, firmware_type: "Release" },
  });
}

export function networkInfo({ mac, hostname, link }: HostFacts): Row {
  const { netdevice, ipaddress, netmask } = link;
  return row({
    ...{ netdevice, macaddr: mac?.toUpperCase(), ipaddress, netmask, conf_hostname: hostname },
    // The system is set up elsewhere; MiningOS breaks on what is not there.
    ...{ conf_ipaddress: "", conf_netmask: "", conf_gateway: "", conf_dnsservers: "" },
  });
}

/** asic-rs takes the control board from the beginning of the sub-type. */
export function minerType(
  { type, compileTime, program }: MinerPicture,
  { controlBoard }: HostFacts,
): Row {
  return { miner_type: type, subtype: `${controlBoard}_${program}`, fw_version: compileTime };
}
