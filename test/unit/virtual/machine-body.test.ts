import { deepEqual, equal, ok } from "node:assert/strict";
import { constants, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BodyTruth } from "../../../src/virtual/body/body-truth.js";
import { VirtualMachine } from "../../../src/virtual/virtual-machine.js";
import { measureFor, until } from "../../simulated/until.js";
import { airCooled } from "./body/rig.js";
import { JsonLineClient } from "./hardware-client.js";
import { READ_IDS } from "./rig.js";

const CHAIN = { chip: "BM1366", chips: 3, domains: 1, nominalRailMv: 13_200 } as const;

function oneTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("virtual machine with a body", () => {
  let listenDir: string;
  let machine: VirtualMachine;
  let hardware: JsonLineClient;
  let control: JsonLineClient;

  beforeEach(async () => {
    listenDir = mkdtempSync(join(tmpdir(), "virtual-"));
    const chains = [CHAIN, CHAIN, CHAIN];
    const body = airCooled();
    machine = await VirtualMachine.start({ listenDir, chains, body, hasQuickParts: true });
    hardware = await JsonLineClient.connect(join(listenDir, "hardware.sock"));
    control = await JsonLineClient.connect(join(listenDir, "control.sock"));
  });

  afterEach(async () => {
    hardware.close();
    control.close();
    await machine.stop();
    rmSync(listenDir, { recursive: true });
  });

  /** The answer to a request without its moment. */
  async function faultsAfter(request: Record<string, unknown>): Promise<object> {
    const { atMs, ...faults } = await control.ask(request);
    ok(Number(atMs) > 0);
    return faults;
  }

  async function truth(): Promise<BodyTruth> {
    return (await control.ask({ do: "truth" })) as unknown as BodyTruth;
  }

  /** The rail takes its time to rise on the wall clock. */
  async function untilTruth(holds: (truth: BodyTruth) => boolean): Promise<void> {
    const look = async (): Promise<true | undefined> => holds(await truth()) || undefined;
    await until(look, { what: "the truth", withinS: 10 });
  }

  it("serves its folder, and takes everything away at the end", async () => {
    for (const name of ["hardware.sock", "psu-enable", "control.sock", "chain0.reset"])
      ok(existsSync(join(listenDir, name)), name);
    await machine.stop();
    deepEqual(readdirSync(listenDir), []);
  });

  it("answers each request of a batch by its id", async () => {
    const replies = await Promise.all([
      hardware.ask({ do: "deviceTree" }),
      hardware.ask({ do: "i2c", bus: "boards", address: 0x50, write: "00", read: 2 }),
      hardware.ask({ do: "i2c", bus: "psu", address: 0x10, write: "00", read: 1 }),
      hardware.ask({ do: "i2c", bus: "boards", address: 0x33, write: "00", read: 2 }),
      hardware.ask({ do: "i2c", bus: "boards", address: 0x48, write: "", read: 0 }),
      hardware.ask({ do: "i2cRecover", bus: "boards" }),
      hardware.ask({ do: "gpioRead", line: "plug-2" }),
      hardware.ask({ do: "gpioWrite", line: "led-green", level: 1 }),
      hardware.ask({ do: "pwmSet", output: "fan-rear", periodNs: 100_000, dutyNs: 40_000 }),
      hardware.ask({ do: "pwmGet", output: "fan-rear" }),
      hardware.ask({ do: "watchdogOpen", timeoutS: 30 }),
      hardware.ask({ do: "watchdogFeed" }),
      hardware.ask({ do: "watchdogClose" }),
    ]);
    deepEqual(replies, [
      { ok: true, model: "Headframe virtual machine" },
      { ok: true, read: "0511" },
      { ok: true, read: "f5" },
      { ok: false, error: "nack" },
      { ok: true, read: "" },
      { ok: true },
      { ok: true, level: 1 },
      { ok: true },
      { ok: true },
      { ok: true, periodNs: 100_000, dutyNs: 40_000 },
      { ok: true },
      { ok: true },
      { ok: true },
    ]);
    equal(typeof (await hardware.ask({ do: "tachRead", tach: "fan-1" }))["ok"], "boolean");
  });

  it("says what is wrong with a request, and goes on", async () => {
    for (const [request, error] of [
      [{ do: "dance" }, "badRequest"],
      [{ do: "i2c", bus: "usb", address: 0x50, write: "00", read: 1 }, "noBus"],
      [{ do: "i2c", bus: "toString", address: 0x50, write: "00", read: 1 }, "noBus"],
      [{ do: "i2c", bus: "boards", address: 0x80, write: "00", read: 1 }, "badRequest"],
      [{ do: "i2c", bus: "boards", address: 0x50, write: "0", read: 1 }, "badRequest"],
      [{ do: "i2c", bus: "boards", address: 0x50, write: "00", read: -1 }, "badRequest"],
      [{ do: "i2cRecover", bus: "usb" }, "noBus"],
      [{ do: "gpioRead", line: "plug-9" }, "noLine"],
      [{ do: "gpioWrite", line: "led-red", level: 2 }, "badRequest"],
      [{ do: "gpioWrite", line: "plug-0", level: 1 }, "noLine"],
      [{ do: "pwmSet", output: "pump", periodNs: 1, dutyNs: 1 }, "noOutput"],
      [{ do: "pwmSet", output: "fan-rear", periodNs: 1, dutyNs: 2 }, "badRequest"],
      [{ do: "pwmGet", output: "pump" }, "noOutput"],
      [{ do: "tachRead", tach: "fan-9" }, "noTach"],
      [{ do: "watchdogOpen", timeoutS: -1 }, "badRequest"],
      [{ do: "watchdogFeed" }, "notOpen"],
    ] as const)
      deepEqual(await hardware.ask(request), { ok: false, error }, JSON.stringify(request));
    equal((await hardware.ask({ do: "deviceTree" }))["ok"], true);
  });

  it("leaves the chains dark until its pipe switches the supply on, and makes them dark again", async () => {
    deepEqual(
      machine.chainStates().map(({ railMv }) => railMv),
      [0, 0, 0],
    );
    writeFileSync(join(listenDir, "psu-enable"), "0");
    await untilTruth(({ supply }) => supply.railMv > 6000);
    ok(machine.chainStates().every(({ railMv }) => railMv > 4000));
    writeFileSync(join(listenDir, "psu-enable"), "1\n");
    await untilTruth(({ supply }) => supply.enableLine === 1);
    await untilTruth(({ boards }) => boards.every(({ powerW }) => powerW === 0));
  });

  it("takes faults of the body and of chains on the same socket", async () => {
    const names = (await control.ask({ do: "list" }))["faults"] as { name: string }[];
    for (const name of ["boardMissing", "psuSilent", "chipDead"])
      ok(names.some((fault) => fault.name === name));
    const both = [
      await control.ask({ do: "fault", name: "boardMissing", chain: 2 }),
      await control.ask({ do: "fault", name: "chipDead", chain: 0, chip: 1 }),
    ];
    const { atMs, ...active } = both.at(-1) ?? {};
    deepEqual(active, {
      ok: true,
      chains: [[{ name: "chipDead", parameters: { chip: 1 } }], [], []],
      body: [{ name: "boardMissing", chain: 2, parameters: {} }],
    });
    const { boards, nowMs } = await truth();
    equal(boards[2]?.isPresent, false);
    ok(Number(atMs) > 0 && Number(atMs) <= nowMs);
    deepEqual(await faultsAfter({ do: "clear", name: "boardMissing" }), {
      ok: true,
      chains: [[{ name: "chipDead", parameters: { chip: 1 } }], [], []],
      body: [],
    });
    deepEqual(await faultsAfter({ do: "clear" }), { ok: true, chains: [[], [], []], body: [] });
  });

  it("resetStuck: the chips see a line that does not move, and the truth tells when it did", async () => {
    const moves = async (): Promise<unknown[]> =>
      (await truth()).changes
        .filter(({ what }) => what === "reset")
        .map(({ slot, to }) => [slot, to]);
    await control.ask({ do: "fault", name: "resetStuck", chain: 1, at: "released" });
    for (const slot of [0, 1]) writeFileSync(join(listenDir, `chain${String(slot)}.reset`), "0");
    await untilTruth(() => machine.chainStates()[0]!.isInReset);
    await oneTurn();
    equal(machine.chainStates()[1]!.isInReset, false);
    deepEqual(await moves(), [[0, 0]]);
    await control.ask({ do: "clear", name: "resetStuck" });
    equal(machine.chainStates()[1]!.isInReset, true);
    deepEqual(await moves(), [
      [0, 0],
      [1, 0],
    ]);
  });

  it("uartStalled: the line is there and carries nothing until it is mended", async () => {
    await control.ask({ do: "fault", name: "uartStalled", chain: 0 });
    const tty = await open(join(listenDir, "chain0.tty"), constants.O_RDWR | constants.O_NONBLOCK);
    await tty.write(READ_IDS);
    for (let turn = 0; turn < 20; turn++) await oneTurn();
    equal(machine.chainStates()[0]!.framesFromHost, 0);
    await control.ask({ do: "clear" });
    await untilTruth(() => machine.chainStates()[0]!.framesFromHost === 1);
    await tty.close();
  });

  it("resetApart: no chain answers while another is in reset", async () => {
    let received = 0;
    const take = async (): Promise<void> => {
      const nothing = { bytesRead: 0 };
      received += (await tty.read(Buffer.alloc(64), 0, 64, null).catch(() => nothing)).bytesRead;
    };
    const askIds = async (): Promise<void> => {
      const before = machine.chainStates()[0]!.framesFromHost;
      received = 0;
      await tty.write(READ_IDS);
      while (machine.chainStates()[0]!.framesFromHost === before) await oneTurn();
    };
    /** All bytes of the answers of three chips. */
    const answersCome = (): Promise<true> =>
      until(() => take().then(() => received === 27 || undefined), { what: "answers of three" });
    await machine.stop();
    machine = await VirtualMachine.start({
      ...{ listenDir, chains: [CHAIN, CHAIN, CHAIN], body: airCooled() },
      isPowered: true,
    });
    control.close();
    control = await JsonLineClient.connect(join(listenDir, "control.sock"));
    const flags = constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK;
    const tty = await open(join(listenDir, "chain0.tty"), flags);
    await control.ask({ do: "fault", name: "resetApart" });
    await askIds();
    await answersCome();
    writeFileSync(join(listenDir, "chain2.reset"), "0");
    while (machine.chainStates()[2]?.isInReset !== true) await oneTurn();
    await askIds();
    // Several times as long as three answers take.
    await measureFor(0.04);
    await take();
    equal(received, 0);
    await control.ask({ do: "fault", name: "boardMissing", chain: 2 });
    await askIds();
    await answersCome();
    await tty.close();
  });

  it("lets room and mains be set, and no rail past the supply", async () => {
    equal((await control.ask({ do: "set", ambientC: 38, inputV: 200 }))["ok"], true);
    const { ambientC, inputV } = await truth();
    deepEqual([ambientC, inputV], [38, 200]);
    equal((await control.ask({ do: "set", railMv: 13_000 }))["code"], "VIRTUAL_REQUEST_INVALID");
  });

  it("pulls all chains into reset and lets go of the supply when its watchdog bites", async () => {
    writeFileSync(join(listenDir, "psu-enable"), "0");
    await untilTruth(({ supply }) => supply.enableLine === 0);
    await hardware.ask({ do: "watchdogOpen", timeoutS: 0.05 });
    await untilTruth(({ watchdog }) => watchdog.bites === 1);
    equal((await truth()).supply.enableLine, 1);
    ok(machine.chainStates().every(({ isInReset }) => isInReset));
  });
});

describe("virtual machine without a body", () => {
  it("has no truth to tell beyond its chains", async () => {
    const listenDir = mkdtempSync(join(tmpdir(), "virtual-"));
    const machine = await VirtualMachine.start({ listenDir, chains: [CHAIN] });
    const control = await JsonLineClient.connect(join(listenDir, "control.sock"));
    equal((await control.ask({ do: "truth" }))["code"], "VIRTUAL_REQUEST_INVALID");
    equal(
      (await control.ask({ do: "fault", name: "boardMissing" }))["code"],
      "VIRTUAL_FAULT_UNKNOWN",
    );
    control.close();
    await machine.stop();
    rmSync(listenDir, { recursive: true });
  });
});
