import { deepEqual } from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { openClient } from "../../../../src/api/mqtt/open-client.js";

/** First byte of what a client says: a CONNECT packet, and a TLS record with a handshake. */
const FIRST = { mqtt: 0x10, mqtts: 0x16 };

describe("a client of a broker", () => {
  for (const [host, address] of [
    ["127.0.0.1", "127.0.0.1"],
    ["localhost", "127.0.0.1"],
    ["[::1]", "::1"],
  ] as const)
    for (const protocol of ["mqtt", "mqtts"] as const)
      it(`speaks ${protocol} to ${host}`, async () => {
        const server = createServer();
        server.listen(0, address);
        await once(server, "listening");
        const { port } = server.address() as AddressInfo;
        const heard = once(server, "connection").then(async ([socket]) => {
          const [bytes] = (await once(socket as Socket, "data")) as [Buffer];
          (socket as Socket).destroy();
          return bytes[0];
        });
        const client = openClient(`${protocol}://${host}:${port}`, {
          ...{ clientId: "id", reconnectPeriod: 0, clean: true },
        });
        client.on("error", () => undefined);
        deepEqual(await heard, FIRST[protocol]);
        await client.endAsync(true);
        server.close();
      });
});
