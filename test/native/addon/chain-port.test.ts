import { equal, rejects, throws } from "node:assert/strict";
import { NativeChainPort } from "../../../src/hal/native-chain-port.js";
import { isMinerError } from "../../../src/lib/errors.js";
import { FarSide, optionsOf } from "./rig.js";

const portOn = (path: string): NativeChainPort =>
  new NativeChainPort({ ...optionsOf(path), cores: 128, kickIntervalMs: 1000 });

describe("NativeChainPort on a tty", () => {
  let far: FarSide;
  let port: NativeChainPort;
  beforeEach(() => {
    far = new FarSide();
    port = portOn(far.path);
    port.open();
  });
  afterEach(async () => {
    await port.close();
    far.close();
  });

  it("sends commands in order and switches the rate between them", async () => {
    equal(far.baud, 115_200);
    await Promise.all([
      port.chainInactive(),
      port.setBaud(3_125_000, 1),
      port.writeRegister("all", 0x28, 0x11300200),
    ]);
    equal(await far.received(18), "55aa5305000003" + "55aa510900281130020003");
    equal(far.baud, 3_125_000);
  });

  it("collects the answer of a chip, and hands on what nobody asked for", async () => {
    const stray = new Promise((resolve) => port.events.on("strayRegister", resolve));
    const answers = port.readRegister(0, 0x00, 5000);
    await far.received(7);
    far.write("aa5513700000000006");
    const [answer] = await answers;
    equal(answer?.value, 0x13700000);
    far.write("aa5513700000000006");
    await stray;
    equal(port.counters().framesReceived, 2);
  });

  it("rejects what waits when it is closed, and what comes later", async () => {
    const waiting = [
      port.setAddress(0, 60_000),
      port.setAddress(2, 60_000),
      port.setBaud(1_000_000),
      port.nextWorkSent(),
    ];
    const rejected = Promise.allSettled(waiting);
    await far.received(7);
    await port.close();
    for (const each of await rejected) equal(codeOf(each), "CHAIN_CLOSED");
    await rejects(port.chainInactive(), { code: "CHAIN_CLOSED" });
  });

  it("rejects what waits when the far side goes away", async () => {
    const down = new Promise<void>((resolve) => port.events.on("linkDown", resolve));
    const waiting = port.setAddress(0, 60_000);
    const rejected = rejects(waiting, { code: "LINK_HUNG_UP" });
    await far.received(7);
    far.close();
    await rejected;
    await down;
    equal(port.counters().hangUps, 1);
  });

  it("rejects who waits for work that is stopped", async () => {
    const rejected = rejects(port.nextWorkSent(), { code: "CHAIN_CLOSED" });
    port.stopWork(true);
    await rejected;
  });

  it("is refused a line that another port holds, until that is closed", async () => {
    const second = portOn(far.path);
    throws(
      () => {
        second.open();
      },
      { code: "LINK_OPEN_FAILED" },
    );
    await port.close();
    second.open();
    await second.chainInactive();
    await second.close();
  });

  it("opens again after it was closed", async () => {
    await port.close();
    port.open();
    await port.chainInactive();
    equal(await far.received(7), "55aa5305000003");
  });

  it("says why a tty cannot be opened", () => {
    throws(
      () => {
        portOn("/dev/no-such-tty").open();
      },
      { code: "LINK_OPEN_FAILED" },
    );
  });
});

function codeOf(settled: PromiseSettledResult<void>): string | undefined {
  return settled.status === "rejected" && isMinerError(settled.reason)
    ? settled.reason.code
    : undefined;
}
