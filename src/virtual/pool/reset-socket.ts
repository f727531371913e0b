import type { Socket } from "node:net";

/** Ends a TCP connection with a reset and nothing before it. */
export function resetSocket(tcp: Socket): void {
  // Node.js ends the socket in a proper way first; whether the peer sees the reset then is left to chance.
  tcp.destroySoon = () => {
    tcp.destroy();
  };
  tcp.resetAndDestroy();
}
