import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkBoards } from "../../../src/boards/check/check-boards.js";
import { defaultBoardsDir } from "../../../src/boards/files.js";
import { loadMachine } from "../../../src/boards/load-machine.js";
import { isMinerError } from "../../../src/lib/errors.js";

interface Case {
  readonly title: string;
  readonly file: string;
  readonly replace: string | RegExp;
  readonly by: string;
  /** The file that shows the fault; the changed one when left out. */
  readonly seenIn?: string;
  readonly path: string;
  readonly expectation: RegExp;
}

const CASES: readonly Case[] = [
  {
    title: "a key twice",
    file: "machines/s19k-pro.yaml",
    replace: "hashboards: 3",
    by: "hashboards: 3\nhashboards: 4",
    path: "line 5",
    expectation: /without duplicate keys/,
  },
  {
    title: "a misspelt key",
    file: "hashboards/bhb56902.yaml",
    replace: "addressStep: 2",
    by: "adressStep: 2",
    path: "chain.addressStep",
    expectation: /expected number/,
  },
  {
    title: "a value without evidence",
    file: "hashboards/bhb56902.yaml",
    replace: "evidence: documented",
    by: "evidence: rumoured",
    path: "boardNames.evidence",
    expectation: /"captured"\|"documented"\|"inferred"/,
  },
  {
    title: "volts where millivolts belong",
    file: "machines/s19k-pro.yaml",
    replace: "running: 13200",
    by: "running: 13.2",
    path: "railMv.running",
    expectation: /expected int/,
  },
  {
    title: "domains that do not add up",
    file: "hashboards/bhb56902.yaml",
    replace: "domains: 11",
    by: "domains: 10",
    path: "chain.chips",
    expectation: /domains x chipsPerDomain = 70/,
  },
  {
    title: "addresses beyond a byte",
    file: "hashboards/bhb56902.yaml",
    replace: "addressStep: 2",
    by: "addressStep: 4",
    path: "chain.addressStep",
    expectation: /at most 3/,
  },
  {
    title: "more cores than hash units",
    file: "hashboards/bhb56902.yaml",
    replace: "cores: 112",
    by: "cores: 1120",
    path: "chip.hashUnits",
    expectation: /at least cores = 1120/,
  },
  {
    title: "a target of the cooling at its warning",
    file: "machines/s19k-pro.yaml",
    replace: "targetC: 60",
    by: "targetC: 65",
    path: "limits.boardC.warn",
    expectation: /above target = 65/,
  },
  {
    title: "a hashboard that does not exist",
    file: "machines/s19k-pro.yaml",
    replace: "hashboard: bhb56902",
    by: "hashboard: bhb00000",
    path: "hashboard",
    expectation: /one of bhb42601/,
  },
  {
    title: "a control board that does not exist",
    file: "machines/s19k-pro.yaml",
    replace: "[amlogic-a113d, zynq-am2, virtual]",
    by: "[zynq, virtual]",
    path: "controlBoards",
    expectation: /one of amlogic-a113d/,
  },
  {
    title: "more hashboards than the control board has chains",
    file: "machines/s19k-pro.yaml",
    replace: "hashboards: 3",
    by: "hashboards: 4",
    path: "hashboards",
    expectation: /at most 3 on amlogic-a113d/,
  },
  {
    title: "a bring-up of another chip",
    file: "machines/s19k-pro.yaml",
    replace: "bm1366-s19kpro",
    by: "bm1370-s21pro",
    path: "bringUp",
    expectation: /a bring-up of BM1366/,
  },
  {
    title: "a hash rate that the clock does not give",
    file: "machines/s19k-pro.yaml",
    replace: "hashrateThs: 111.5",
    by: "hashrateThs: 120",
    path: "rated.hashrateThs",
    expectation: /= 111.52 within 2 %/,
  },
  {
    title: "a nominal clock beyond the highest",
    file: "machines/s19k-pro.yaml",
    replace: "max: 670",
    by: "max: 500",
    path: "freqMHz.max",
    expectation: /at least nominal = 540/,
  },
  {
    title: "a throttle limit at the warning",
    file: "machines/s19k-pro.yaml",
    replace: "throttle: 70",
    by: "throttle: 65",
    path: "limits.boardC.throttle",
    expectation: /above warn = 65/,
  },
  {
    title: "a line used twice",
    file: "control-boards/amlogic-a113d.yaml",
    replace: "gpio: 455",
    by: "gpio: 439",
    path: "chains.1.reset",
    expectation: /used once; chains.0.present has it/,
  },
  {
    title: "a tty used twice",
    file: "control-boards/amlogic-a113d.yaml",
    replace: "tty: ttyS2",
    by: "tty: ttyS1",
    path: "chains.1.tty",
    expectation: /used once; chains.0.tty has it/,
  },
  {
    title: "a path out of the device directory",
    file: "control-boards/amlogic-a113d.yaml",
    replace: "tty: ttyS2",
    by: "tty: ../ttyS2",
    path: "chains.1.tty",
    expectation: /must match pattern/,
  },
  {
    title: "a chip limit below the one before it",
    file: "machines/bitaxe-gamma.yaml",
    replace: /(chipC:\n\s+warn: 65\n\s+throttle: )70/,
    by: "$180",
    path: "limits.chipC.cut",
    expectation: /above throttle = 80/,
  },
  {
    title: "a running voltage below the lowest",
    file: "machines/s19k-pro.yaml",
    replace: "min: 12000",
    by: "min: 13300",
    path: "railMv.running",
    expectation: /at least min = 13300/,
  },
  {
    title: "a voltage for opening cores above the highest",
    file: "machines/s19k-pro.yaml",
    replace: "max: 15000",
    by: "max: 14000",
    path: "railMv.max",
    expectation: /at least open = 15000/,
  },
  {
    title: "a voltage that a listed supply does not make",
    file: "machines/s19k-pro.yaml",
    replace: "min: 12000",
    by: "min: 11950",
    path: "railMv.min",
    expectation: /12000 to 15000, which is what apw12 makes/,
  },
  {
    title: "a voltage for which a type of a listed supply has no code",
    file: "power-supplies/apw12.yaml",
    replace: "a: 933.240365",
    by: "a: 880",
    seenIn: "machines/s19k-pro.yaml",
    path: "railMv.max",
    expectation: /type 0x43 of apw12 can make: its code would be -17.1/,
  },
  {
    title: "a supply that does not exist",
    file: "machines/s19k-pro.yaml",
    replace: "names: [apw12]",
    by: "names: [apw99]",
    path: "supplies.names",
    expectation: /one of apw11-v1/,
  },
  {
    title: "a supply of which nobody knows what may be asked of it",
    file: "machines/s19k-pro.yaml",
    replace: "names: [apw12]",
    by: "names: [apw8]",
    path: "supplies.names",
    expectation: /may be asked/,
  },
  {
    title: "a regulator that the hashboard does not have",
    file: "machines/s19k-pro.yaml",
    replace: "names: [apw12]",
    by: "names: [tps546]",
    path: "supplies.names",
    expectation: /a regulator of hashboard bhb56902/,
  },
  {
    title: "fans that turn slower at most than they must",
    file: "machines/s19k-pro.yaml",
    replace: "maxRpm: 7900",
    by: "maxRpm: 4000",
    path: "fans.maxRpm",
    expectation: /at least minRpm = 5000/,
  },
  {
    title: "more fans than a control board drives",
    file: "machines/s19k-pro.yaml",
    replace: "count: 4",
    by: "count: 5",
    path: "fans.count",
    expectation: /at most 4 on amlogic-a113d/,
  },
  {
    title: "sensor addresses for fewer hashboards than there are",
    file: "hashboards/bhb56902.yaml",
    replace: "[0x48, 0x4D, 0x4E]",
    by: "[0x48, 0x4D]",
    seenIn: "machines/s19k-pro.yaml",
    path: "hashboard.sensors.0.at.addresses",
    expectation: /as many as hashboards = 3/,
  },
  {
    title: "two parts at one address of the bus of the hashboards",
    file: "hashboards/bhb56902.yaml",
    replace: "[0x4C, 0x49, 0x4A]",
    by: "[0x4C, 0x48, 0x4A]",
    seenIn: "machines/s19k-pro.yaml",
    path: "hashboard.sensors.1.at.addresses.1",
    expectation: /free on bus boards; hashboard.sensors.0.at.addresses.0 has it/,
  },
  {
    title: "a sensor at the address of another slot's controller",
    file: "hashboards/bhb56902.yaml",
    replace: "[0x4C, 0x49, 0x4A]",
    by: "[0x4C, 0x49, 0x21]",
    seenIn: "machines/s19k-pro.yaml",
    path: "hashboard.sensors.1.at.addresses.2",
    expectation: /free on bus boards; hashboard.controller.address has it/,
  },
  {
    title: "two sensors at one address behind a controller",
    file: "hashboards/nbp1901.yaml",
    replace: "address: 0x4B",
    by: "address: 0x4A",
    seenIn: "machines/s19-pro.yaml",
    path: "hashboard.sensors.3.at.address",
    expectation: /free on bus behind controller of slot 0/,
  },
  {
    title: "a memory of the last slot beyond the addresses of such parts",
    file: "hashboards/bhb56902.yaml",
    replace: "address: 0x50",
    by: "address: 0x56",
    seenIn: "machines/s19k-pro.yaml",
    path: "hashboard.eeprom.address",
    expectation: /inside 0x50 to 0x57/,
  },
  {
    title: "a memory at an address that no such part has",
    file: "hashboards/bhb56902.yaml",
    replace: "address: 0x50",
    by: "address: 0x60",
    path: "eeprom.address",
    expectation: /inside 0x50 to 0x57/,
  },
  {
    title: "a controller without an address",
    file: "hashboards/bhb56902.yaml",
    replace: "  address: 0x20\n",
    by: "",
    path: "controller.address",
    expectation: /given/,
  },
  {
    title: "an address where there is no controller",
    file: "hashboards/bhb68603.yaml",
    replace: "kind: none",
    by: "kind: none\n  address: 0x20",
    path: "controller.address",
    expectation: /left out where there is no controller/,
  },
  {
    title: "a sensor behind a controller that no board has",
    file: "hashboards/bhb68603.yaml",
    replace: "{ bus: boards, addresses: [0x48, 0x49, 0x4A] }",
    by: "{ bus: controller, address: 0x48 }",
    path: "sensors.0.at.bus",
    expectation: /no controller can have a bus/,
  },
  {
    title: "a sensor on a chip that the chain does not have",
    file: "hashboards/s9.yaml",
    replace: "chip: 61",
    by: "chip: 63",
    path: "sensors.0.at.chip",
    expectation: /below chain.chips = 63/,
  },
  {
    title: "two sensors at one place",
    file: "hashboards/bhb56902.yaml",
    replace: "place: outlet",
    by: "place: inlet",
    path: "sensors.1",
    expectation: /used once; sensors.0 has it/,
  },
  {
    title: "a supply bus on the enable line",
    file: "control-boards/amlogic-a113d.yaml",
    replace: "gpio: 477",
    by: "gpio: 437",
    path: "buses.psu.sda",
    expectation: /used once; psuEnable.line has it/,
  },
  {
    title: "a tach on a button",
    file: "control-boards/amlogic-a113d.yaml",
    replace: "line: { gpio: 445 }",
    by: "line: { gpio: 450 }",
    path: "lines.button-ip-report",
    expectation: /used once; tachs.3.tach has it/,
  },
  {
    title: "two groups of fans on one output",
    file: "control-boards/amlogic-a113d.yaml",
    replace: "channel: 1",
    by: "channel: 0",
    path: "fanGroups.1.pwm",
    expectation: /used once; fanGroups.0.pwm has it/,
  },
  {
    title: "a tach that captures on a fan's output",
    file: "control-boards/cv1835.yaml",
    replace: "capture: pwmchip12, channel: 1",
    by: "capture: pwmchip8, channel: 1",
    path: "tachs.1.tach",
    expectation: /used once; fanGroups.1.pwm has it/,
  },
  {
    title: "one bus for hashboards and supply",
    file: "control-boards/virtual.yaml",
    replace: "psu: { virtual: psu,",
    by: "psu: { virtual: boards,",
    path: "buses.psu",
    expectation: /used once; buses.boards has it/,
  },
  {
    title: "a fan in two groups",
    file: "control-boards/amlogic-a113d.yaml",
    replace: "fans: [1, 3]",
    by: "fans: [1, 2]",
    path: "fanGroups.1.fans",
    expectation: /used once; fanGroups.0.fans has it/,
  },
  {
    title: "a fan that is driven and not measured",
    file: "control-boards/amlogic-a113d.yaml",
    replace: "fans: [1, 3]",
    by: "fans: [1, 3, 5]",
    path: "fanGroups.1.fans",
    expectation: /a fan with a tach/,
  },
  {
    title: "a fan that is measured and not driven",
    file: "control-boards/amlogic-a113d.yaml",
    replace: "fans: [1, 3]",
    by: "fans: [1]",
    path: "tachs.1.fan",
    expectation: /a fan of a fan group/,
  },
  {
    title: "a line of the virtual machine on metal",
    file: "control-boards/amlogic-a113d.yaml",
    replace: "line: { gpio: 445 }",
    by: "line: { virtual: button }",
    path: "lines.button-ip-report",
    expectation: /only a virtual board/,
  },
  {
    title: "a board without chains",
    file: "control-boards/zynq-am2.yaml",
    replace: /fpga:[^]*?chainFacts:/,
    by: "chainFacts:",
    path: "chains",
    expectation: /here or in fpga.chains/,
  },
  {
    title: "chains both of ttys and of an FPGA",
    file: "control-boards/zynq-am1.yaml",
    replace: "chains: []",
    by: "chains: [{ tty: ttyS1, reset: { gpio: 1 } }]",
    path: "fpga.chains",
    expectation: /left out where chains has them/,
  },
  {
    title: "chains of an FPGA without the word that nobody drives them",
    file: "control-boards/zynq-am1.yaml",
    replace: /notDriven: >-\n.*\n/,
    by: "",
    path: "notDriven",
    expectation: /no driver/,
  },
  {
    title: "a type code that another file describes for the same firmware",
    file: "power-supplies/apw17.yaml",
    replace: "- code: 0xC2",
    by: "- code: 0x71",
    path: "types.2.code",
    expectation: /once for each firmware; apw12 has it/,
  },
  {
    title: "firmware ranges of one code that overlap",
    file: "power-supplies/apw17.yaml",
    replace: "from: 4",
    by: "from: 3",
    path: "types.1.code",
    expectation: /once for each firmware; apw17 has it/,
  },
  {
    title: "a firmware range that ends before it begins",
    file: "power-supplies/apw17.yaml",
    replace: "{ from: 0, to: 3 }",
    by: "{ from: 4, to: 3 }",
    path: "types.0.firmwareLow.to",
    expectation: /at least from = 4/,
  },
  {
    title: "a supply whose highest voltage is below its lowest",
    file: "power-supplies/apw12.yaml",
    replace: "max: 15000",
    by: "max: 1500",
    path: "rangeMv.max",
    expectation: /at least min = 12000/,
  },
  {
    title: "a type without a formula",
    file: "power-supplies/apw12.yaml",
    replace: "    dac: { a: 933.240365, b: 59.806034 }\n",
    by: "",
    path: "types.0.dac",
    expectation: /given/,
  },
  {
    title: "a formula where volts travel as such",
    file: "power-supplies/apw11-v2.yaml",
    replace: "- code: 0x62",
    by: "- code: 0x62\n    dac: { a: 100, b: 1 }",
    path: "types.0.dac",
    expectation: /volts travel as such/,
  },
  {
    title: "a supply with a data line and no address",
    file: "power-supplies/apw12.yaml",
    replace: "address: 0x10\n",
    by: "",
    path: "address",
    expectation: /given/,
  },
  {
    title: "a kernel's devices where there is metal",
    file: "control-boards/amlogic-a113d.yaml",
    replace: "virtual: false",
    by: "virtual: false\ndevices: kernel",
    path: "devices",
    expectation: /hardware has a kernel/,
  },
  {
    title: "a bus of the virtual machine beside a kernel's devices",
    file: "control-boards/qemu-ast2600.yaml",
    replace: "psu: { device: i2c-16",
    by: "psu: { virtual: psu",
    path: "buses.psu",
    expectation: /hardware/,
  },
  {
    title: "types of a supply that tells none",
    file: "power-supplies/apw8.yaml",
    replace: "timing:",
    by: "types: [{ code: 1, evidence: inferred, source: none }]\ntiming:",
    path: "types",
    expectation: /simple tells no type/,
  },
];

describe("checkBoards", () => {
  let dir = "";

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "boards-"));
    cpSync(defaultBoardsDir(), dir, { recursive: true });
  });

  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  for (const { title, file, replace, by, path, expectation, seenIn = file } of CASES)
    it(`refuses ${title}`, () => {
      const where = join(dir, file);
      const text = readFileSync(where, "utf8");
      const changed = text.replace(replace, by);
      ok(changed !== text, "the case changes nothing");
      writeFileSync(where, changed);
      const { faults } = checkBoards(dir, join(dir, seenIn));
      const fault = faults.find((found) => found.path === path);
      ok(fault !== undefined, JSON.stringify(faults));
      ok(expectation.test(fault.expectation), fault.expectation);
    });

  it("checks one file when asked for one", () => {
    const file = join(dir, "machines/s19k-pro.yaml");
    deepEqual(checkBoards(dir, file), { files: 1, faults: [] });
  });

  it("says so when a file cannot be read or lies in no known folder", () => {
    equal(checkBoards(dir, join(dir, "machines/none.yaml")).faults.length, 1);
    equal(checkBoards(dir, join(dir, "README.md")).faults.length, 1);
  });

  it("loads nothing from a file with a fault, and names file, path and value", () => {
    const file = join(dir, "hashboards/bhb56902.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("chips: 77", "chips: many"));
    throws(
      () => loadMachine("s19k-pro", dir),
      (error) =>
        isMinerError(error, "BOARDS_INVALID") &&
        error.context["file"] === file &&
        error.context["path"] === "chain.chips" &&
        error.context["value"] === '"many"',
    );
  });
});
