import { doesNotThrow, throws } from "node:assert/strict";
import { loadAddon, type NativeChainOptions } from "../../../src/hal/native.js";
import { optionsOf } from "./rig.js";

const JOB = {
  jobKey: 1,
  poolKey: 1,
  sessionKey: 1,
  version: 0x20000000,
  versionMask: 0x1fffe000,
  prevhash: new Uint8Array(32),
  nbits: 0x17023a04,
  ntime: 1_700_000_000,
  coinbasePrefix: new Uint8Array(10),
  extranonce2Size: 4,
  coinbaseSuffix: new Uint8Array(10),
  merkleBranches: [new Uint8Array(32)],
  shareTargetLe: new Uint8Array(32),
  clean: false,
  urgent: false,
};

/** Asserts a TypeError whose message begins with the name of the field. */
function refuses(field: string, call: () => unknown): void {
  throws(call, (error: unknown) => error instanceof TypeError && error.message.startsWith(field));
}

describe("arguments of the native chain", () => {
  const { ChainPort } = loadAddon();
  const make = (changes: object): unknown =>
    new ChainPort({ ...optionsOf("/dev/null"), ...changes });

  const BAD_OPTIONS: readonly (readonly [keyof NativeChainOptions, readonly unknown[]])[] = [
    ["path", [undefined, 1]],
    ["name", [undefined, null]],
    ["chip", [undefined, "BM9999", 1370]],
    ["chips", [undefined, 0, 257, 1.5, "77", NaN, -1]],
    ["addressStep", [undefined, 0, 257]],
    ["useNonceOffsets", [undefined, 1, "yes"]],
    ["chainIndex", [undefined, 1, -1]],
    ["chainCount", [undefined, Infinity]],
    ["resetBaud", [undefined, 0, 12_500_001]],
    ["jobLengthByte", [undefined, 256]],
    ["resetPath", [undefined, 7]],
    ["resetFd", [-1, 1.5, "3"]],
    ["deadManMs", [undefined, -1, 2 ** 32]],
    ["priority", [undefined, 100]],
    ["tap", [undefined, 0]],
  ];
  for (const [field, values] of BAD_OPTIONS)
    for (const value of values)
      it(`refuses ${String(value)} as ${field}`, () => {
        refuses(field, () => make({ [field]: value }));
      });

  it("refuses what is no object", () => {
    refuses("options", () => new ChainPort(undefined as unknown as NativeChainOptions));
  });

  it("takes every family", () => {
    for (const chip of ["BM1362", "BM1366", "BM1368", "BM1370"]) doesNotThrow(() => make({ chip }));
  });

  const BAD_JOBS: readonly (readonly [keyof typeof JOB, unknown])[] = [
    ["jobKey", -1],
    ["sessionKey", 0.5],
    ["version", "20000000"],
    ["versionMask", 0x20000000],
    ["prevhash", new Uint8Array(31)],
    ["nbits", null],
    ["ntime", 2 ** 32],
    ["coinbasePrefix", "00"],
    ["extranonce2Size", 33],
    ["coinbaseSuffix", new Uint16Array(3)],
    ["merkleBranches", undefined],
    ["merkleBranches", [new Uint8Array(33)]],
    ["shareTargetLe", []],
    ["clean", undefined],
    ["poolKey", -1],
    ["urgent", 1],
  ];
  for (const [field, value] of BAD_JOBS)
    it(`refuses a job with ${value instanceof Object ? "a wrong" : String(value)} ${field}`, () => {
      const port = new ChainPort(optionsOf("/dev/null"));
      refuses(field, () => port.setJob({ ...JOB, [field]: value }));
    });

  it("refuses bad arguments of commands", () => {
    const port = new ChainPort(optionsOf("/dev/null"));
    refuses("address", () => port.setAddress(256, 1, 0));
    refuses("target", () => port.writeRegister(256, 0, 0, 1, 0));
    refuses("register", () => port.readRegister(0, 256, 1));
    refuses("value", () => port.writeRegister(0, 0, -1, 1, 0));
    refuses("baud", () => port.setBaud(0, 1, 0));
    refuses("length", () => port.setResponseLength(10, 1));
    refuses("intervalUs", () => port.configureWork(0, new Uint8Array(32)));
    refuses("ticketTargetLe", () => port.configureWork(1, new Uint8Array(31)));
    refuses("bell", () => {
      port.start(undefined as unknown as () => void);
    });
  });

  it("refuses arrays of another kind or length than it fills", () => {
    const port = new ChainPort(optionsOf("/dev/null"));
    refuses("into", () => {
      port.readStats(new Float64Array(3));
    });
    refuses("into", () => {
      port.readStats(new Uint32Array(22) as unknown as Float64Array);
    });
    refuses("errors", () => {
      port.readCores(new Uint32Array(128), new Uint32Array(127));
    });
    refuses("into", () => port.drain(new Uint8Array(new ArrayBuffer(120), 1, 104)));
  });

  it("takes no command before it is started", () => {
    const port = new ChainPort(optionsOf("/dev/null"));
    doesNotThrow(() => {
      if (port.setAddress(0, 1, 0) || port.setJob(JOB)) throw new Error("taken");
      port.kick();
      port.stop();
    });
  });
});
