import { deepEqual, equal } from "node:assert/strict";
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { pino } from "pino";
import { IpReporter } from "../../../../src/api/ip-report/ip-reporter.js";
import {
  isEcho,
  ownNetworks,
  reportOf,
  seenReply,
} from "../../../../src/api/ip-report/report-datagrams.js";
import type { CommandRequest } from "../../../../src/app/commands/command-desk.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { vectors } from "../mqtt/vectors.js";

const NETWORK = { ip: "127.0.0.1", mac: "02:00:5e:10:00:01" };
const TOOL_PORT = 14235;

interface Case {
  readonly id: string;
  readonly hex: string;
  readonly expect?: { readonly IP: string; readonly MAC: string };
}

function bytesOf(id: string): Buffer {
  const found = vectors<Case>("ip-report").cases.find((each) => each.id === id);
  return Buffer.from(found?.hex ?? "", "hex");
}

describe("datagrams of the IP report", () => {
  it("are those of the vectors, byte for byte", () => {
    deepEqual(reportOf({ ip: "192.0.2.10", mac: NETWORK.mac }), bytesOf("report"));
    deepEqual(seenReply(), bytesOf("ack"));
    equal(isEcho(bytesOf("tool-echo"), NETWORK), true);
    equal(isEcho(bytesOf("report"), NETWORK), false);
  });

  it("tell every network that others can be in", () => {
    const mac = "02:00:5e:10:00:02";
    const address = { netmask: "", cidr: null, mac };
    const interfaces = {
      lo: [{ ...address, address: "127.0.0.1", family: "IPv4", internal: true }],
      eth0: [
        { ...address, address: "192.0.2.10", family: "IPv4", internal: false },
        { ...address, address: "fd00::2", family: "IPv6", scopeid: 0, internal: false },
      ],
      tun0: [
        {
          ...{ ...address, mac: "00:00:00:00:00:00" },
          ...{ address: "198.51.100.1", family: "IPv4", internal: false },
        },
      ],
    } as const;
    deepEqual(ownNetworks(structuredClone(interfaces) as never), [{ ip: "192.0.2.10", mac }]);
  });
});

describe("the IP report", () => {
  let clock: ManualClock;
  let tool: Socket;
  let heard: { text: string; from: RemoteInfo }[];
  let orders: CommandRequest[];
  let reporter: IpReporter;

  beforeEach(async () => {
    clock = new ManualClock();
    heard = [];
    orders = [];
    tool = createSocket({ type: "udp4", reuseAddr: true });
    tool.on("message", (bytes, from) => heard.push({ text: bytes.toString("latin1"), from }));
    tool.bind(TOOL_PORT);
    await once(tool, "listening");
    reporter = new IpReporter({
      networks: () => [NETWORK],
      desk: {
        give: (order) => {
          orders.push(order);
          return Promise.resolve({ id: order.id, is: "done", result: {} });
        },
      },
      ...{ clock, log: pino({ level: "silent" }) },
    });
  });

  afterEach(async () => {
    await reporter.stop();
    tool.close();
  });

  async function hear(): Promise<{ text: string; from: RemoteInfo }> {
    while (heard.length === 0) await once(tool, "message");
    return heard.shift()!;
  }

  it("is told five times, two seconds apart", async () => {
    reporter.report();
    for (let report = 0; report < 5; report += 1) {
      const { text, from } = await hear();
      equal(text, "127.0.0.1,02:00:5E:10:00:01");
      deepEqual([from.address, from.port], ["127.0.0.1", 14236]);
      await clock.advance(1999);
      equal(heard.length, 0);
      await clock.advance(1);
    }
    await reporter.stop();
    equal(heard.length, 0);
    deepEqual(orders, []);
  });

  it("ends when a tool has seen it: the tool hears so, and the lights blink", async () => {
    reporter.report();
    const { from } = await hear();
    tool.send("FF:FF:FF:FF:FF:FF", from.port, from.address);
    tool.send("02:00:5E:10:00:01", from.port, from.address);
    const { text } = await hear();
    equal(text, "OK\0\0\0\0\0\0\0\0");
    await reporter.stop();
    await clock.advance(10_000);
    equal(heard.length, 0);
    deepEqual(
      orders.map(({ name, params, by }) => ({ name, params, by })),
      [{ name: "machine.locate", params: { seconds: 10 }, by: { way: "button", who: "" } }],
    );
  });

  it("begins anew with the next press", async () => {
    reporter.report();
    await hear();
    reporter.report();
    await hear();
    equal(heard.length, 0);
  });
});
