import { MinerError } from "../../lib/errors.js";
import { MAX_JOB_ID_BYTES } from "./notify.js";
import {
  type DeviceInfo,
  type Request,
  authorizeRequest,
  configureRequest,
  requestLine,
  subscribeRequest,
} from "./requests.js";

// Documented: ckpool drops a client that sends a line of more than 1024 bytes.
const MAX_LINE_BYTES = 1024;

const LARGEST_ID = Number.MAX_SAFE_INTEGER;
const LARGEST_SESSION_ID = "f".repeat(128);
const LARGEST_EXTRANONCE2 = "f".repeat(64);
const LARGEST_NUMBER = "ffffffff";

/** What of the configuration goes into our lines. */
export interface OwnTexts {
  readonly agent: string;
  readonly user: string;
  readonly password: string;
  readonly info: DeviceInfo | undefined;
}

/** Throws `POOL_LOGIN_TOO_LONG` when one of our lines could get longer than every pool takes. */
export function checkOwnLines({ agent, user, password, info }: OwnTexts): void {
  const submit: Request = {
    id: LARGEST_ID,
    method: "mining.submit",
    params: [
      ...[user, "j".repeat(MAX_JOB_ID_BYTES - 2), LARGEST_EXTRANONCE2],
      ...[LARGEST_NUMBER, LARGEST_NUMBER, LARGEST_NUMBER],
    ],
  };
  const largest: readonly (readonly [field: string, request: Request])[] = [
    ["info", configureRequest(LARGEST_ID, info)],
    ["agent", subscribeRequest(LARGEST_ID, agent, LARGEST_SESSION_ID)],
    ["user", submit],
    ["password", authorizeRequest(LARGEST_ID, user, password)],
  ];
  for (const [field, request] of largest) {
    const excess = Buffer.byteLength(requestLine(request)) - MAX_LINE_BYTES + 1;
    if (excess > 0) throw new MinerError("POOL_LOGIN_TOO_LONG", { field, excessBytes: excess });
  }
}
