import type { OpenLink } from "./link.js";
import { makeOpenLink } from "./stream-link.js";

/** Plain TCP; the name is resolved now, and every address it has is tried, IPv6 and IPv4. */
export const openTcp: OpenLink = makeOpenLink({});
