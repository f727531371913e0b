// A process of its own that passes TCP connections on: node forwarder.mjs HOST PORT TARGET_HOST TARGET_PORT. Stopped by a
// signal it is a network in which packets vanish: what it holds stays open, and soon new connections hang as well.
import { connect, createServer } from "node:net";

const [host, port, targetHost, targetPort] = process.argv.slice(2);

const server = createServer((client) => {
  process.stdout.write("connection\n");
  const target = connect(Number(targetPort), targetHost);
  for (const [one, other] of [
    [client, target],
    [target, client],
  ]) {
    one.setNoDelay(true);
    one.on("error", () => undefined);
    one.on("close", () => other.destroy());
    one.pipe(other);
  }
});
// Few connections wait to be accepted, so that more of them hang.
server.listen({ port: Number(port), host, backlog: 1 }, () => {
  process.stdout.write(`${server.address().port}\n`);
});
