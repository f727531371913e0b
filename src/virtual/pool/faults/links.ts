import { parseClientLine } from "../client-line.js";
import { resetSocket } from "../reset-socket.js";
import { numberOf, textOf, type Peer, type PoolFaultTable } from "./fault.js";

const SECONDS = { minimum: 0.01, maximum: 86_400 };

/** Faults of the connection itself: ports, TLS, resets. */
export const LINK_FAULTS: PoolFaultTable = {
  down: {
    meaning: "Connections end, and new ones are refused.",
    parameters: {},
    begin: (_parameters, pool) => {
      void pool.setListening(false);
      for (const peer of pool.peers()) peer.link.close();
      return { end: () => pool.setListening(true) };
    },
  },
  flapping: {
    meaning: "Down and up in turn, beginning with down.",
    parameters: {
      downS: { ...SECONDS, meaning: "Seconds without the pool.", fallback: 20 },
      upS: { ...SECONDS, meaning: "Seconds with it.", fallback: 20 },
    },
    begin: (parameters, pool) => {
      const goDown = (): void => {
        void pool.setListening(false);
        for (const peer of pool.peers()) peer.link.close();
        pool.after(1000 * numberOf(parameters, "downS"), goUp);
      };
      const goUp = (): void => {
        void pool.setListening(true);
        pool.after(1000 * numberOf(parameters, "upS"), goDown);
      };
      goDown();
      return { end: () => pool.setListening(true) };
    },
  },
  acceptsOnly: {
    meaning: "TCP connects, and then nothing at all: no TLS, no answer. Old connections go on.",
    parameters: {},
    begin: () => {
      const held = new Set<{ destroy(): void }>();
      return {
        connect: (socket) => {
          socket.pause();
          held.add(socket);
          socket.once("close", () => held.delete(socket));
          return false;
        },
        end: () => {
          for (const socket of held) socket.destroy();
        },
      };
    },
  },
  resetOnFirstBytes: {
    meaning:
      "New connections are reset as soon as the miner says something, inside the TLS handshake too.",
    parameters: {},
    begin: () => ({
      connect: (socket) => {
        socket.once("data", () => {
          resetSocket(socket);
        });
        return false;
      },
    }),
  },
  plainText: {
    meaning: "New connections get a line of Stratum whatever comes in, also where TLS is spoken.",
    parameters: {},
    begin: () => ({
      connect: (socket) => {
        socket.once("data", () => {
          socket.end('{"id":null,"method":"client.show_message","params":["plain"]}\n');
        });
        return false;
      },
    }),
  },
  certificate: {
    meaning: "New connections are shown another certificate of those the pool was given.",
    parameters: { which: { meaning: "Its name.", textUpTo: 40 } },
    begin: (parameters, pool) => {
      pool.useCertificate(textOf(parameters, "which"));
      return {
        end: () => {
          pool.useCertificate(undefined);
        },
      };
    },
  },
  endAfterAuthorize: {
    meaning: "New connections end right after the answer to authorize.",
    parameters: { how: { meaning: "How they end.", oneOf: ["reset", "close"], fallback: "reset" } },
    begin: ({ how }) => ({
      send: (message, peer, next) => {
        next(message);
        if (message.isAnswer && message.method === "mining.authorize") endBy(how, peer);
      },
    }),
  },
  endAfterSubmit: {
    meaning: "A connection ends at its first submit, without an answer.",
    parameters: { how: { meaning: "How it ends.", oneOf: ["reset", "close"], fallback: "close" } },
    begin: ({ how }) => ({
      receive: (line, peer, next) => {
        const message = parseClientLine(line);
        if (message.is === "request" && message.method === "mining.submit") endBy(how, peer);
        else next(line);
      },
    }),
  },
  cutLine: {
    meaning: "Every job ends in the middle of its line, together with the connection.",
    parameters: {},
    begin: (_parameters, pool) => {
      const isCut = new WeakSet<Peer>();
      const cut = (bytes: Uint8Array, peer: Peer): void => {
        isCut.add(peer);
        peer.link.sendBytes(bytes.subarray(0, bytes.length >> 1));
        // What was written goes out first.
        setImmediate(() => {
          peer.link.close();
        });
      };
      pool.after(1, () => {
        pool.newJob();
      });
      return {
        write: (bytes, peer, next) => {
          if (isCut.has(peer)) return;
          if (Buffer.from(bytes).includes('"method":"mining.notify"')) cut(bytes, peer);
          else next(bytes);
        },
      };
    },
  },
  idleKick: {
    meaning: "A connection without a submit for some time is closed.",
    parameters: { afterS: { ...SECONDS, meaning: "Seconds.", fallback: 10 } },
    begin: (parameters, pool) => {
      pool.every(500, () => {
        const limitMs = pool.clock.nowMs() - 1000 * numberOf(parameters, "afterS");
        for (const peer of pool.peers()) if (peer.lastSubmitAtMs < limitMs) peer.link.close();
      });
      return {};
    },
  },
};

function endBy(how: unknown, peer: Peer): void {
  // The bytes before it are on their way by then.
  setImmediate(() => {
    if (how === "reset") peer.link.reset();
    else peer.link.close();
  });
}
