/** Documented: RFC 6763, 4.1.2. */
const HTTP_TYPE = "http";
/** Lets a tool find these machines among all that have a web server. */
const OWN_TYPE = "headframe";
const PROGRAM = "headframe";
/** Documented: src/api/http serves its routes below it. */
const API = "/api/v1";
const MAC_END_DIGITS = 6;

export interface AnnouncedFacts {
  /** Lower case with colons; undefined: no network has one. */
  readonly mac: string | undefined;
  readonly model: string;
  readonly version: string;
  readonly httpPort: number | undefined;
  readonly httpsPort: number | undefined;
}

export interface AnnouncedService {
  /** Between _ and ._tcp. */
  readonly type: string;
  readonly port: number;
  readonly txt: Readonly<Record<string, string>>;
}

/** What the machine is called unless its owner named it. */
export function usualName(mac: string | undefined): string {
  const digits = (mac ?? "").replaceAll(":", "");
  return digits === "" ? PROGRAM : `${PROGRAM}-${digits.slice(-MAC_END_DIGITS)}`;
}

/** What there is to announce; nothing where nothing listens. */
export function announcedServices(facts: AnnouncedFacts): readonly AnnouncedService[] {
  const { mac, model, version, httpPort, httpsPort } = facts;
  const txt = {
    ...(mac !== undefined && { id: mac.replaceAll(":", "") }),
    ...{ model, fw: PROGRAM, ver: version, api: API },
    ...(httpsPort !== undefined && { https: String(httpsPort) }),
  };
  const port = httpPort ?? httpsPort;
  return [
    ...(httpPort === undefined
      ? []
      : [{ type: HTTP_TYPE, port: httpPort, txt: { path: "/", ...txt } }]),
    ...(port === undefined ? [] : [{ type: OWN_TYPE, port, txt }]),
  ];
}
