import { equal, ok } from "node:assert/strict";
import { Tps546 } from "../../../../src/virtual/parts/tps546.js";
import { bytes, hex } from "./fixtures.js";

function regulator(): { part: Tps546; read: (command: string, length: number) => Buffer } {
  const part = new Tps546({ inputMv: () => 5100, outputA: () => 14.5, tempC: () => 52 });
  const read = (command: string, length: number): Buffer => {
    part.write(bytes(command));
    return Buffer.from(part.read(length)!);
  };
  return { part, read };
}

/** PMBus LINEAR11. */
function linear11(word: number): number {
  return ((word << 21) >> 21) * 2 ** ((word << 16) >> 27);
}

describe("virtual TPS546", () => {
  it("tells what it is", () => {
    const { read } = regulator();
    equal(hex(read("ad", 7)), "065449546d2441");
    equal(hex(read("20", 1)), "97");
  });

  it("is off until it is told to be on, and says so", () => {
    const { part, read } = regulator();
    part.write(bytes("214d02"));
    equal(part.outputMv, 0);
    equal(read("79", 2).readUInt16LE(), 0x0840);
    part.write(bytes("0180"));
    ok(Math.abs(part.outputMv - 1150) < 2);
    equal(read("79", 2).readUInt16LE(), 0);
    equal(read("8b", 2).readUInt16LE(), 0x024d);
  });

  it("measures in LINEAR11", () => {
    const { read } = regulator();
    for (const [command, value] of [
      ["88", 5.1],
      ["8c", 14.5],
      ["8d", 52],
    ] as const) {
      const told = linear11(read(command, 2).readUInt16LE());
      ok(Math.abs(told - value) / value < 0.002, `${command}: ${String(told)}`);
    }
  });

  it("keeps what is written to its settings, and not to its readings", () => {
    const { part, read } = regulator();
    part.write(bytes("350ad0"));
    equal(hex(read("35", 2)), "0ad0");
    part.write(bytes("88ffff"));
    ok(read("88", 2).readUInt16LE() !== 0xffff);
  });

  it("forgets everything when its input was gone", () => {
    const { part } = regulator();
    part.preset(1200);
    ok(Math.abs(part.outputMv - 1200) < 2);
    part.restart();
    equal(part.outputMv, 0);
    part.write(bytes("0180"));
    equal(part.outputMv, 0);
  });
});
