import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configJsonSchema, loadConfig, type Config } from "../../../src/app/config.js";
import { ALLOWABLE_NAMES } from "../../../src/boards/obstacles.js";
import type { MinerError } from "../../../src/lib/errors.js";

const SMALLEST = {
  machine: "s19k-pro",
  controlBoard: "amlogic-a113d",
  allowInferred: ["psuEnable"],
  pools: [{ url: "stratum+tcp://pool.example:3333", user: "a.b" }],
};
const VIRTUAL = { ...SMALLEST, controlBoard: "virtual", network: "virtual" };

describe("configuration", () => {
  let folder: string;
  let file: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-config-"));
    file = join(folder, "config.json");
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function check(value: unknown): Config {
    writeFileSync(file, JSON.stringify(value));
    return loadConfig(file);
  }

  function refuses(value: unknown, path: string, shown: string): void {
    throws(
      () => check(value),
      ({ code, context }: MinerError) => {
        const { expected, ...facts } = context;
        deepEqual([code, facts], ["CONFIG_INVALID", { file, path, value: shown }]);
        return typeof expected === "string" && expected.length > 0;
      },
    );
  }

  it("fills in what a file leaves out", () => {
    const config = check(SMALLEST);
    const { deviceDir, network, ticketDifficulty, allowShortChain, targetMHz, slots } = config;
    deepEqual(
      { deviceDir, network, ticketDifficulty, allowShortChain, targetMHz, slots },
      {
        ...{ deviceDir: "/dev", network: "mainnet", ticketDifficulty: undefined },
        ...{ allowShortChain: false, targetMHz: 540, slots: [0, 1, 2] },
      },
    );
    deepEqual([config.deadManMs, config.realTimePriority, config.logLevel], [3000, 50, "info"]);
    equal(config.pools[0]?.password, "");
  });

  it("takes the ttys of the slots from the owner, or has them found", () => {
    equal(check(SMALLEST).chainOrder, undefined);
    equal(check({ ...SMALLEST, chainOrder: "find" }).chainOrder, "find");
    const chainOrder = ["ttyS4", "ttyS2", "ttyS1"];
    deepEqual(check({ ...SMALLEST, chainOrder }).chainOrder, chainOrder);
    equal(check({ ...SMALLEST, chains: [0], chainOrder: ["ttyS3"] }).slots.length, 1);
  });

  for (const [what, chainOrder, shown] of [
    ["a tty that no source names", ["ttyS1", "ttyS2", "ttyS9"], '"ttyS9"'],
    ["a tty for two slots", ["ttyS1", "ttyS2", "ttyS1"], '["ttyS1","ttyS2","ttyS1"]'],
    ["a slot without a tty", ["ttyS1", "ttyS2"], '["ttyS1","ttyS2"]'],
  ] as const)
    it(`refuses ${what} in the order of the chains`, () => {
      refuses({ ...SMALLEST, chainOrder }, "chainOrder", shown);
    });

  it("brings the machine and the control board that it names", () => {
    const { machineSpec, board } = check(SMALLEST);
    equal(machineSpec.hashboard.chain.chips, 77);
    equal(board.name, "amlogic-a113d");
    ok(board.chains.length >= 3);
  });

  it("refuses dangerous values that are inferred, until the owner names them", () => {
    throws(
      () => check({ ...SMALLEST, allowInferred: [] }),
      ({ code, context }: MinerError) => {
        const { reason, ...facts } = context;
        deepEqual(
          [code, facts],
          [
            "BOARD_INFERRED",
            { machine: "s19k-pro", controlBoard: "amlogic-a113d", inferred: "psuEnable" },
          ],
        );
        return String(reason).includes("PSU_nEN");
      },
    );
    deepEqual(check(SMALLEST).allowInferred, ["psuEnable"]);
  });

  it("allows nothing that it does not know by name", () => {
    refuses({ ...SMALLEST, allowInferred: ["psuEnabel"] }, "allowInferred[0]", '"psuEnabel"');
  });

  it("refuses boards and machines that nobody can drive, whatever is allowed", () => {
    const refusal = (value: object): unknown[] => {
      try {
        check({ ...SMALLEST, ...value, allowInferred: ALLOWABLE_NAMES });
      } catch (error) {
        const { code, context } = error as MinerError;
        return [code, context["missing"]];
      }
      return [];
    };
    deepEqual(refusal({ controlBoard: "zynq-am2" }), ["BOARD_NOT_DRIVEN", "controlBoard"]);
    deepEqual(refusal({ machine: "s19j-pro", controlBoard: "cv1835" }), [
      "BOARD_NOT_DRIVEN",
      "deviceTree",
    ]);
    deepEqual(refusal({ machine: "s19-pro", controlBoard: "zynq-am2" }), [
      "MACHINE_NOT_DRIVEN",
      "driver for BM1398",
    ]);
  });

  it("counts each slot once, in order", () => {
    deepEqual(check({ ...SMALLEST, chains: [2, 0, 2] }).slots, [0, 2]);
  });

  it("takes the ends of the clock's range and nothing beyond", () => {
    const { min, max } = check(SMALLEST).machineSpec.freqMHz;
    for (const freqMHz of [min, max]) equal(check({ ...SMALLEST, freqMHz }).targetMHz, freqMHz);
    for (const freqMHz of [min - 0.01, max + 0.01])
      refuses({ ...SMALLEST, freqMHz }, "freqMHz", String(freqMHz));
  });

  it("takes powers of two for the ticket difficulty and nothing else", () => {
    for (const ticketDifficulty of [1, 256, 2 ** 31])
      equal(check({ ...SMALLEST, ticketDifficulty }).ticketDifficulty, ticketDifficulty);
    for (const ticketDifficulty of [0, 3, 1.5, -2, 2 ** 32])
      refuses({ ...SMALLEST, ticketDifficulty }, "ticketDifficulty", String(ticketDifficulty));
  });

  it("names the path into lists, the value there and what is expected", () => {
    const { pools } = SMALLEST;
    refuses({ ...SMALLEST, pools: [{ ...pools[0], user: 7 }] }, "pools[0].user", "7");
    refuses({ ...SMALLEST, pools: [{ ...pools[0], url: "tcp://x" }] }, "pools[0].url", '"tcp://x"');
    refuses({ ...SMALLEST, pools: [{ url: "x" }] }, "pools[0].user", "nothing");
  });

  it("shows no password and no proxy's credentials when it refuses", () => {
    const [pool] = SMALLEST.pools;
    refuses(
      { ...SMALLEST, pools: { ...pool, password: "secret", proxy: "socks5://me:secret@p:1080" } },
      "pools",
      '{"url":"stratum+tcp://pool.example:3333","user":"a.b","password":"(hidden)",' +
        '"proxy":"socks5://(hidden)@p:1080"}',
    );
    refuses({ ...SMALLEST, pools: [{ ...pool, password: 5 }] }, "pools[0].password", '"(hidden)"');
    refuses(
      { ...SMALLEST, pools: [{ ...pool, url: "stratum+tcp://me:secret@pool.example:3333" }] },
      "pools[0].url",
      '"stratum+tcp://(hidden)@pool.example:3333"',
    );
    refuses({ ...SMALLEST, chains: [0, -1] }, "chains[1]", "-1");
    refuses({ ...SMALLEST, chains: [17] }, "chains", "17");
    refuses({ ...SMALLEST, controlBoard: "none" }, "controlBoard", '"none"');
  });

  it("shows them neither where their name is misspelt, nor where they are not well formed", () => {
    const [pool] = SMALLEST.pools;
    for (const wrong of [
      { ...pool, pasword: "secret" },
      { ...pool, colour: 1, proxy: "me:secret@p:1080" },
      { ...pool, colour: 1, proxy: "socks5://me:a/secret@p:1080" },
    ])
      throws(
        () => check({ ...SMALLEST, pools: [wrong] }),
        ({ context }: MinerError) => !JSON.stringify(context).includes("secret"),
      );
  });

  it("refuses what is no object, and fields that it does not know", () => {
    for (const value of [null, [], "text", 7]) throws(() => check(value), invalid());
    throws(() => check({ ...SMALLEST, hashrate: 1 }), invalid());
  });

  it("refuses unknown machines", () => {
    throws(() => check({ ...SMALLEST, machine: "s99" }), { code: "BOARDS_UNKNOWN" });
  });

  it("lets only a virtual board mine on the virtual network, also at a pool", () => {
    equal(check(VIRTUAL).network, "virtual");
    const [pool] = SMALLEST.pools;
    equal(check({ ...VIRTUAL, pools: [{ ...pool, network: "mainnet" }] }).network, "virtual");
    for (const wrong of [
      { ...VIRTUAL, controlBoard: "amlogic-a113d" },
      { ...SMALLEST, pools: [{ ...pool, network: "virtual" }] },
    ])
      throws(() => check(wrong), {
        code: "NETWORK_REFUSED",
        context: { file, controlBoard: "amlogic-a113d" },
      });
  });

  it("takes limits of safety that are stricter, and refuses looser ones by name", () => {
    deepEqual(check({ ...VIRTUAL, safety: { boardCutC: 60 } }).safety, { boardCutC: 60 });
    throws(
      () => check({ ...VIRTUAL, safety: { boardCutC: 200 } }),
      ({ code, context }: MinerError) => {
        deepEqual(
          [code, context["path"], context["value"]],
          ["CONFIG_INVALID", "safety.boardCutC", "200"],
        );
        equal(/^at most \d+, the limit of the machine$/.test(String(context["expected"])), true);
        return true;
      },
    );
  });

  it("refuses text that is not JSON and says where it goes wrong", () => {
    writeFileSync(file, '{"machine": }');
    throws(() => loadConfig(file), invalid());
  });

  it("does not quote that text, as it may be a password", () => {
    const filling = " ".repeat(50);
    for (const [text, reason] of [
      ['{"password":secret}', "Unexpected token 's', near line 1"],
      [`{${filling}\n"password": secret${filling}}`, "Unexpected token 's', near line 2"],
      [`{${filling}\n\n"password":\nsecret}`, "Unexpected token 's', near line 4"],
    ] as const) {
      writeFileSync(file, text);
      throws(
        () => loadConfig(file),
        ({ code, context, cause }: MinerError) => {
          deepEqual([code, context, cause], ["CONFIG_INVALID", { file, reason }, undefined]);
          return true;
        },
      );
    }
  });

  it("says that a file cannot be read", () => {
    throws(() => loadConfig(join(folder, "none")), { code: "CONFIG_UNREADABLE" });
    throws(() => loadConfig(folder), { code: "CONFIG_UNREADABLE" });
  });

  it("has a schema for editors that needs only machine, board and pool", () => {
    const { required, properties } = configJsonSchema() as {
      required: string[];
      properties: object;
    };
    deepEqual([...required].sort(), ["controlBoard", "machine", "pools"]);
    ok("ticketDifficulty" in properties);
  });
});

function invalid(): object {
  return { name: "MinerError", code: "CONFIG_INVALID" };
}
