import type { HttpConfig } from "../../app/http-config.js";
import { findingOf } from "../../lib/finding.js";
import type { HttpService, HttpServiceOptions } from "./http-service.js";

/**
 * Undefined where the configuration does not ask for it: the library is not even loaded then. Never rejects: a machine mines
 * without HTTP.
 */
export async function startHttp(
  options: Omit<HttpServiceOptions, "http"> & { readonly http: HttpConfig | undefined },
): Promise<HttpService | undefined> {
  const { http, log } = options;
  if (http?.isOn !== true) return undefined;
  try {
    const { HttpService: Service } = await import("./http-service.js");
    return await Service.start({ ...options, http });
  } catch (error) {
    log.error(findingOf(error), "HTTP could not be started");
    return undefined;
  }
}
