import { createSocket } from "node:dgram";
import { once } from "node:events";
import "@homebridge/ciao/lib/coder/records/index.js";
import { DNSPacket } from "@homebridge/ciao/lib/coder/DNSPacket.js";
import { Question } from "@homebridge/ciao/lib/coder/Question.js";
import { PTRRecord } from "@homebridge/ciao/lib/coder/records/PTRRecord.js";
import { SRVRecord } from "@homebridge/ciao/lib/coder/records/SRVRecord.js";
import { TXTRecord } from "@homebridge/ciao/lib/coder/records/TXTRecord.js";

/** Documented: RFC 6762. */
const PORT = 5353;
const GROUP = "224.0.0.251";
const LOOPBACK = "127.0.0.1";
/** Documented: RFC 1035. */
const PTR = 12;

/** What was announced of a service, as the newest message has it. */
export interface HeardService {
  /** Seconds that it holds; 0: it is gone. */
  readonly ttl: number;
  readonly port: number;
  readonly host: string;
  readonly txt: readonly string[];
}

export interface Ear {
  /** Resolves when a service was heard so. */
  until(name: string, isSo: (service: HeardService) => boolean): Promise<HeardService>;
  close(): void;
}

/** Listens to multicast DNS on this computer, and asks for services of some types. */
export async function hearServices(...types: readonly string[]): Promise<Ear> {
  const heard = new Map<string, Partial<HeardService>>();
  const waiting = new Set<() => void>();
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  socket.on("message", (bytes, sender) => {
    const packet = DNSPacket.decode(sender, bytes);
    for (const record of [...packet.answers.values(), ...packet.additionals.values()]) {
      const name = record instanceof PTRRecord ? record.ptrName : record.name;
      heard.set(name, { ...heard.get(name), ...factsOf(record) });
    }
    for (const look of waiting) look();
  });
  socket.bind(PORT);
  await once(socket, "listening");
  socket.addMembership(GROUP, LOOPBACK);
  socket.setMulticastInterface(LOOPBACK);
  if (types.length > 0) {
    const questions = types.map((type) => whoIs(`${type}.local.`));
    socket.send(DNSPacket.createDNSQueryPacket({ questions }).encode(), PORT, GROUP);
  }
  return {
    until: (name, isSo) =>
      new Promise((resolve) => {
        const look = (): void => {
          const { ttl, port, host, txt } = heard.get(name) ?? {};
          if (ttl === undefined || port === undefined || host === undefined || txt === undefined)
            return;
          const service = { ttl, port, host, txt };
          if (!isSo(service)) return;
          waiting.delete(look);
          resolve(service);
        };
        waiting.add(look);
        look();
      }),
    close: () => {
      socket.close();
    },
  };
}

/** The library's enum of types is there for its own compiler only. */
function whoIs(name: string): Question {
  return Reflect.construct(Question, [name, PTR]) as Question;
}

function factsOf(record: { readonly ttl: number }): Partial<HeardService> {
  if (record instanceof PTRRecord) return { ttl: record.ttl };
  if (record instanceof SRVRecord) return { port: record.port, host: record.hostname };
  if (!(record instanceof TXTRecord)) return {};
  return { txt: record.txt.map((bytes) => bytes.toString("utf8")) };
}
