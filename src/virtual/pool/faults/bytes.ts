import { numberOf, type FaultHost, type Peer, type PoolFaultTable } from "./fault.js";
import { EVERY_MS } from "./parameters.js";

const DEPTH = 200_000;

const HTTP_PAGE =
  "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" +
  "<html><body><h1>400 Bad Request</h1></body></html>\r\n";

/** Faults of the bytes: right lines in strange pieces, and things that are no lines of Stratum. */
export const BYTE_FAULTS: PoolFaultTable = {
  dripFeed: {
    meaning: "What the pool says comes a few bytes at a time.",
    parameters: {
      bytes: { meaning: "Bytes at a time.", minimum: 1, maximum: 65_536, fallback: 40 },
      everyMs: { ...EVERY_MS, fallback: 10 },
    },
    begin: (parameters, pool) => {
      const waiting = new Queues();
      const size = numberOf(parameters, "bytes");
      pool.every(numberOf(parameters, "everyMs"), () => {
        waiting.flush((bytes) => Math.min(size, bytes.length));
      });
      return {
        write: waiting.add,
        end: () => {
          waiting.flush((bytes) => bytes.length);
        },
      };
    },
  },
  bursts: {
    meaning: "What the pool says is held back and comes in one piece, cut inside a line.",
    parameters: { everyMs: { ...EVERY_MS, fallback: 500 } },
    begin: (parameters, pool) => {
      const waiting = new Queues();
      pool.every(numberOf(parameters, "everyMs"), () => {
        waiting.flush((bytes) => (bytes.length > 8 ? bytes.length - 3 : bytes.length));
      });
      return {
        write: waiting.add,
        end: () => {
          waiting.flush((bytes) => bytes.length);
        },
      };
    },
  },
  crlf: {
    meaning: "Lines end with CR LF, begin with blanks, and blank lines stand between them.",
    parameters: {},
    begin: () => ({
      write: (bytes, _peer, next) => {
        const line = Buffer.from(bytes).toString("utf8").trimEnd();
        next(Buffer.from(`\r\n  ${line}\r\n\n`));
      },
    }),
  },
  garbage: {
    meaning: "Lines of random bytes come in between.",
    parameters: { everyMs: EVERY_MS },
    begin: sendsAgain(() => Buffer.from('\u0001\u0002}{][ "garbage" \u007f\u0000 0x5f3759df\n')),
  },
  invalidUtf8: {
    meaning: "Messages come in between whose text is not UTF-8.",
    parameters: { everyMs: EVERY_MS },
    begin: sendsAgain(() =>
      Buffer.concat([
        Buffer.from('{"id":null,"method":"client.show_message","params":["'),
        Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf5]),
        Buffer.from('"]}\n'),
      ]),
    ),
  },
  longLine: {
    meaning: "A message of many bytes on one line comes in between.",
    parameters: {
      bytes: { meaning: "Bytes.", minimum: 1, maximum: 100_000_000, fallback: 10_000_000 },
      everyMs: { ...EVERY_MS, fallback: 3000 },
    },
    begin: (parameters, pool) => {
      const text = "x".repeat(numberOf(parameters, "bytes"));
      const line = JSON.stringify({ id: null, method: "client.show_message", params: [text] });
      return sendsAgain(() => Buffer.from(`${line}\n`))(parameters, pool);
    },
  },
  endlessLine: {
    meaning: "Bytes of a line come and come, and its end never does; nothing else comes.",
    parameters: { everyMs: { ...EVERY_MS, fallback: 100 } },
    begin: (parameters, pool) => ({
      ...sendsAgain(() => Buffer.alloc(100_000, "x"))(parameters, pool),
      write: () => undefined,
    }),
  },
  deepNesting: {
    meaning: "A line that is JSON nested deeper than any stack comes in between.",
    parameters: { everyMs: EVERY_MS },
    begin: sendsAgain(() =>
      Buffer.from(`{"id":null,"method":"x","params":${"[".repeat(DEPTH)}${"]".repeat(DEPTH)}}\n`),
    ),
  },
  oddJson: {
    meaning:
      "Lines come in between that are JSON but no message: numbers, null, arrays, odd members.",
    parameters: { everyMs: EVERY_MS },
    begin: sendsAgain(() =>
      Buffer.from(
        '{"id":{},"method":7,"params":"x"}\n{"id":-1,"result":{"a":[]},"error":{}}\n' +
          '{"id":null,"method":"mining.no_such","params":null}\n{"__proto__":{"id":1},"id":1e99}\n',
      ),
    ),
  },
  httpPage: {
    meaning: "Whatever the miner says is answered with an HTML page, and the connection ends.",
    parameters: {},
    begin: (_parameters, pool) => {
      const answer = (peer: Peer): void => {
        peer.link.sendBytes(Buffer.from(HTTP_PAGE));
        setImmediate(() => {
          peer.link.close();
        });
      };
      for (const peer of pool.peers()) answer(peer);
      return {
        receive: (_line, peer) => {
          answer(peer);
        },
        write: () => undefined,
      };
    },
  },
};

/** Bytes that wait, by miner. */
class Queues {
  readonly #waiting = new Map<Peer, { bytes: Buffer; next: (bytes: Uint8Array) => void }>();

  readonly add = (bytes: Uint8Array, peer: Peer, next: (bytes: Uint8Array) => void): void => {
    const before = this.#waiting.get(peer)?.bytes ?? Buffer.alloc(0);
    this.#waiting.set(peer, { bytes: Buffer.concat([before, bytes]), next });
  };

  /** Lets as many bytes of each go as `count` says. */
  flush(count: (bytes: Uint8Array) => number): void {
    for (const [peer, { bytes, next }] of [...this.#waiting]) {
      const size = count(bytes);
      if (size === bytes.length) this.#waiting.delete(peer);
      else this.#waiting.set(peer, { bytes: bytes.subarray(size), next });
      next(bytes.subarray(0, size));
    }
  }
}

function sendsAgain(make: () => Uint8Array) {
  return (parameters: Readonly<Record<string, unknown>>, pool: FaultHost) => {
    const bytes = make();
    const send = (): void => {
      for (const peer of pool.peers()) peer.link.sendBytes(bytes);
    };
    pool.every(Number(parameters["everyMs"]), send);
    send();
    return {};
  };
}
