import { request as plainRequest, type IncomingMessage } from "node:http";
import { request as secureRequest } from "node:https";
import { buffer } from "node:stream/consumers";
import { TLSSocket } from "node:tls";
import { ERROR_TABLE, MinerError, type ErrorCode, type ErrorContext } from "../../lib/errors.js";
import { isObject } from "../../lib/merge-patch.js";
import { programVersion } from "../../lib/version.js";
import type { ApiReply, ApiRequest } from "./api-requests.js";

/** Documented: src/api/http serves its routes below it. */
const BASE = "/api/v1";
const JSON_TYPE = "application/json";

export interface ApiAddress {
  readonly url: URL;
  readonly token: string;
  /** PEM of the authorities, or of the certificate itself, in place of the built-in ones. */
  readonly ca?: string | undefined;
}

/** Requests to the HTTP interface of one machine. */
export class ApiLink {
  readonly #address: ApiAddress;

  constructor(address: ApiAddress) {
    this.#address = address;
  }

  /**
   * Rejects with HOST_UNREACHABLE when nobody answers in time, HOST_CERTIFICATE_REFUSED, HOST_DIFFERS when the answer is none
   * that this version knows, and what the machine refuses with
   */
  async send(request: ApiRequest, timeoutMs: number): Promise<ApiReply> {
    const answer = await this.#exchange(request, timeoutMs);
    const { statusCode: status = 0, headers } = answer;
    const bytes = await buffer(answer).catch((error: unknown) => {
      throw this.#unreachable(error);
    });
    const json = headers["content-type"]?.includes("json") === true ? jsonOf(bytes) : undefined;
    if (status >= 400) throw this.#refusal(request, status, json);
    const { type = JSON_TYPE } = request;
    if (status !== 200 || headers["content-type"]?.startsWith(type) !== true)
      throw this.#differs(request, { status, reason: "no answer of the interface" });
    return { etag: headers.etag, bytes, json };
  }

  #exchange(request: ApiRequest, timeoutMs: number): Promise<IncomingMessage> {
    const { url, token, ca } = this.#address;
    const { verb, path, query = {}, body, revision } = request;
    const target = new URL(`${BASE}${path}`, url);
    for (const [name, value] of Object.entries(query)) target.searchParams.set(name, String(value));
    const headers = {
      authorization: `Bearer ${token}`,
      accept: `${request.type ?? JSON_TYPE}, application/problem+json`,
      "user-agent": `headframe/${programVersion()}`,
      ...(body !== undefined && { "content-type": JSON_TYPE }),
      ...(typeof revision === "string" && { "if-match": `"${revision}"` }),
    };
    const send = url.protocol === "https:" ? secureRequest : plainRequest;
    return new Promise((resolve, reject) => {
      const sent = send(target, { method: verb, headers, ...(ca !== undefined && { ca }) });
      sent.setTimeout(timeoutMs, () => {
        sent.destroy(new Error("no answer"));
      });
      sent.once("response", resolve);
      sent.once("error", (error) => {
        const refused = sent.socket instanceof TLSSocket && isRefused(sent.socket);
        reject(refused ? this.#certificateRefused(error) : this.#unreachable(error));
      });
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  #refusal(request: ApiRequest, status: number, json: unknown): MinerError {
    const { code, context } = isObject(json) ? json : {};
    if (typeof code !== "string")
      return this.#differs(request, { status, reason: "no refusal of the interface" });
    if (!Object.hasOwn(ERROR_TABLE, code)) return this.#differs(request, { status, code });
    // A path that every machine of this version has.
    if (code === "HTTP_NOT_FOUND" && isObject(context) && Object.keys(context).length === 0)
      return this.#differs(request, { status, code });
    return new MinerError(code as ErrorCode, context as ErrorContext);
  }

  #differs({ verb, path }: ApiRequest, facts: ErrorContext): MinerError {
    const { host } = this.#address.url;
    const here = programVersion();
    return new MinerError("HOST_DIFFERS", {
      host,
      asked: `${verb} ${BASE}${path}`,
      here,
      ...facts,
    });
  }

  #unreachable(error: unknown): MinerError {
    const { url } = this.#address;
    return new MinerError("HOST_UNREACHABLE", { url: url.origin, reason: reasonOf(error) });
  }

  #certificateRefused(error: Error): MinerError {
    const { host } = this.#address.url;
    return new MinerError("HOST_CERTIFICATE_REFUSED", { host, reason: error.message });
  }
}

/** Undefined: it is none. */
function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
}

/** Node sets it before it ends the connection. */
function isRefused({ authorizationError }: TLSSocket): boolean {
  return (authorizationError as unknown) !== undefined && (authorizationError as unknown) !== null;
}

/** Of a name with several addresses each try has failed. */
function reasonOf(error: unknown): string {
  const all = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
  return all.map((each) => (each instanceof Error ? each.message.trim() : String(each))).join(", ");
}
