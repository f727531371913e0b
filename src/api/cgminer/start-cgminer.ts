import type { CgminerConfig } from "../../app/cgminer-config.js";
import { findingOf } from "../../lib/finding.js";
import type { CgminerService, CgminerServiceOptions } from "./cgminer-service.js";

/** Undefined where the configuration does not want it: nothing listens then. Never rejects: a machine mines without. */
export async function startCgminer(
  options: Omit<CgminerServiceOptions, "cgminer"> & {
    readonly cgminer: CgminerConfig | undefined;
  },
): Promise<CgminerService | undefined> {
  const { cgminer, log } = options;
  if (cgminer?.on !== true) return undefined;
  try {
    const { CgminerService: Service } = await import("./cgminer-service.js");
    return await Service.start({ ...options, cgminer });
  } catch (error) {
    log.error(findingOf(error), "the API of cgminer could not be started");
    return undefined;
  }
}
