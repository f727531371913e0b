import type { Params } from "./controller.js";

/** What a machine answers with. */
export interface ApiReply {
  readonly etag: string | undefined;
  readonly bytes: Buffer;
  /** The body as JSON. */
  readonly json: unknown;
}

/** A command as /api/v1 takes it. */
export interface ApiRequest {
  readonly verb: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below /api/v1. */
  readonly path: string;
  readonly query?: Params;
  readonly body?: Params;
  /** Revision of the configuration that the change was made for. */
  readonly revision?: unknown;
  /** Of the answer; JSON when left out. */
  readonly type?: string;
  /** What the command answers with on the control socket; the JSON where left out. */
  readonly result?: (reply: ApiReply) => unknown;
}

type Make = (params: Params) => ApiRequest;

const get =
  (path: string): Make =>
  (query) => ({ verb: "GET", path, query });
const post =
  (path: string): Make =>
  (body) => ({ verb: "POST", path, body });

/** The routes that take less than the scope `own`, and those that are no command of the desk. */
const REQUESTS: Readonly<Record<string, Make>> = {
  status: get("/miner"),
  logs: get("/system/logs"),
  "events.list": get("/events/log"),
  "trips.list": get("/trips"),
  "pools.list": get("/pools"),
  "tokens.list": get("/tokens"),
  "machine.pause": post("/mining/pause"),
  "machine.resume": post("/mining/resume"),
  "machine.sleep": post("/mining/sleep"),
  "machine.wake": post("/mining/wake"),
  "machine.curtail": post("/mining/curtail"),
  "machine.restart": post("/mining/restart"),
  "machine.locate": post("/system/locate"),
  "system.reboot": post("/system/reboot"),
  "tokens.add": post("/tokens"),
  "trips.clear": ({ id }) => ({ verb: "POST", path: `/trips/${segment(id)}/clear`, body: {} }),
  "tokens.remove": ({ id }) => ({ verb: "DELETE", path: `/tokens/${segment(id)}` }),
  "pools.set": ({ revision, ...body }) => ({ verb: "PUT", path: "/pools", revision, body }),
  "config.get": () => ({
    ...{ verb: "GET", path: "/config" },
    result: ({ etag = "", json }) => ({
      revision: etag.replace(/^"|"$/g, ""),
      config: json,
    }),
  }),
  "config.check": ({ revision, patch }) => ({
    ...{ verb: "PATCH", path: "/config", query: { dryRun: true }, revision, body: patch as Params },
  }),
  "config.set": ({ revision, patch }) => ({
    ...{ verb: "PATCH", path: "/config", revision, body: patch as Params },
  }),
  "support.bundle": (query) => ({
    ...{ verb: "GET", path: "/system/support", query, type: "application/gzip" },
    result: ({ bytes }) => ({ bytes: bytes.length, base64: bytes.toString("base64"), entries: [] }),
  }),
};

/** How a command of the desk is asked for over HTTP. */
export function apiRequest(command: string, params: Params): ApiRequest {
  const make = Object.hasOwn(REQUESTS, command) ? REQUESTS[command] : undefined;
  if (make !== undefined) return make(params);
  return {
    ...{ verb: "POST", path: `/commands/${segment(command)}`, body: { params } },
    result: ({ json }) => (json as { readonly result: unknown }).result,
  };
}

function segment(text: unknown): string {
  return encodeURIComponent(String(text));
}
