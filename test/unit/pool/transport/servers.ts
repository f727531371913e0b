import { once } from "node:events";
import { type AddressInfo, type Server, type Socket, createServer } from "node:net";
import { type TLSSocket, type TlsOptions, createServer as createTlsServer } from "node:tls";
import type { TestCertificate } from "../../../certificates.js";

/** A server of a test, on a free port of the loopback. */
export interface TestServer {
  readonly port: number;
  /** Connections so far, open or not. */
  readonly sockets: readonly Socket[];
  close(): void;
}

/** Plain TCP. */
export function listen(
  onSocket: (socket: Socket) => void,
  host = "127.0.0.1",
): Promise<TestServer> {
  return serve(createServer(), "connection", onSocket, host);
}

/** TLS with this certificate; every line comes back. `onSocket` sees finished handshakes only. */
export function listenTls(
  { keyPem, certPem }: TestCertificate,
  options: TlsOptions = {},
  host = "127.0.0.1",
  onSocket: (socket: TLSSocket) => void = (socket) => socket.pipe(socket),
): Promise<TestServer> {
  const server = createTlsServer({ key: keyPem, cert: certPem, ...options });
  server.on("tlsClientError", () => undefined);
  return serve(server, "secureConnection", onSocket, host);
}

async function serve<Kind extends Socket>(
  server: Server,
  event: string,
  onSocket: (socket: Kind) => void,
  host: string,
): Promise<TestServer> {
  const sockets: Socket[] = [];
  server.on("connection", (socket: Socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
  });
  server.on(event, (socket: Kind) => {
    socket.on("error", () => undefined);
    onSocket(socket);
  });
  server.listen(0, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** True when this machine has an IPv6 loopback. */
export async function hasIpv6(): Promise<boolean> {
  try {
    (await listen(() => undefined, "::1")).close();
    return true;
  } catch {
    return false;
  }
}
