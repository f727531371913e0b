import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connectAsync, type MqttClient } from "mqtt";
import type { Snapshot } from "../../src/telemetry/snapshot.js";
import { until } from "../simulated/until.js";
import type { BoardImage } from "./emulated-board.js";
import { ImageRig } from "./image-rig.js";

const BOOT_LIMIT_S = 120;
const MINING_LIMIT_S = 240;
const HOT_C = 90;
const ROOM_C = 35;
/** The board's own, see boards/control-boards/qemu-ast2600.yaml, and a look every three seconds. */
const WATCHDOG_LIMIT_S = 60;
const PROGRAM = "pidof node | tr ' ' '\\n' | sort -n | head -n 1";

/** What of the booted system others can reach or borrow, a line each. */
const SURFACE = [
  [
    "port",
    "netstat -tuln | sed -n 's/^\\(tcp\\|udp\\) .* \\([^ ]*:[0-9]*\\) .*/\\1 \\2/p' | sort -u",
  ],
  [
    "user",
    "for p in /proc/[0-9]*; do sed -n 's/^Uid:.\\([0-9]*\\).*/\\1/p' $p/status; done | sort -u",
  ],
  ["setuid", "find / -xdev -type f -perm /6000 | sort"],
] as const;

/** The steps follow one another on one board: each leaves it mining. */
describe("the program on an emulated control board", function () {
  this.timeout(600_000);
  this.bail(true);
  const rig = new ImageRig();
  const heard: string[] = [];
  let client: MqttClient | undefined;

  before(async () => {
    await rig.start();
    client = await connectAsync(rig.brokerUrl);
    client.on("message", (topic) => heard.push(topic));
    await client.subscribeAsync("miners/v1/#");
    await rig.powerOn(imageOf(process.env));
  });

  after(async () => {
    client?.end(true);
    await rig.stop();
  });

  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    const { text } = rig.board.console;
    const log = await rig.board.console.run("tail -n 40 /data/log | cut -c 1-300").catch(String);
    process.stderr.write(`${text.slice(-3000)}\n${log}\n${JSON.stringify(rig.wires.changes)}\n`);
  });

  const untilMining = async (): Promise<void> => {
    const { accepted } = rig.pool.stats();
    await until(() => (rig.wires.isEnabled && rig.pool.stats().accepted > accepted) || undefined, {
      what: "a share is accepted",
      withinS: MINING_LIMIT_S,
      facts: () => rig.pool.stats(),
    });
  };
  const untilOff = async (withinS: number): Promise<void> => {
    await until(() => !rig.wires.isEnabled || undefined, { what: "the rail is off", withinS });
    await until(() => rig.wires.inReset.length === 3 || undefined, { what: "all are in reset" });
  };

  it("boots, powers three boards and has a share accepted", async () => {
    const { console: board } = rig.board;
    await board.seen(/MARK program/, BOOT_LIMIT_S);
    await untilMining();
    tell("guest time, s", { ...(await bootTimes(rig)), share: await uptimeS(rig) });
    const { chains } = await status(rig);
    equal(chains.map(({ state }) => state).join(), "hashing,hashing,hashing");
    equal((await rig.truth()).supply.isOn, true);
  });

  it("tells over MQTT", async () => {
    await until(
      () => heard.some((topic) => topic.startsWith("miners/v1/board/tele")) || undefined,
      {
        what: "telemetry",
      },
    );
  });

  it("takes a bearable amount of memory", async () => {
    const memory = await rig.board.console.run(`grep -h VmRSS /proc/$(${PROGRAM})/status`);
    const megabytes = Number(/(\d+) kB/.exec(memory)?.[1]) / 1024;
    tell("resident memory of the program, MB", megabytes);
    ok(megabytes < 80, memory);
  });

  it("has the ports, users and setuid files of the committed list, and no others", async () => {
    const seen: string[] = [];
    for (const [what, command] of SURFACE) {
      const printed = await rig.board.console.run(command, 60);
      for (const line of printed.split("\n")) if (line !== "") seen.push(`${what} ${line.trim()}`);
    }
    const list = readFileSync(new URL("surface.txt", import.meta.url), "utf8");
    deepEqual(seen, list.trim().split("\n"));
  });

  it("cuts power when a sensor of a board gets hot, and comes back by its owner's word", async () => {
    const fromMs = performance.now();
    await rig.setTemperatures(HOT_C);
    await untilOff(30);
    tell("hot to rail off, ms", Math.round((rig.wires.offAtMs ?? NaN) - fromMs));
    await rig.setTemperatures(ROOM_C);
    await rig.board.console.run("headframe resume --data /data/headframe", 60);
    await untilMining();
  });

  for (const [what, signal] of [
    ["is killed", "KILL"],
    ["hangs in its event loop", "HUP"],
    ["is stopped", "STOP"],
  ] as const)
    it(`has the rail off when the program ${what}, and mines again`, async () => {
      const fromMs = performance.now();
      await rig.board.console.run(`kill -${signal} $(${PROGRAM})`);
      await untilOff(20);
      tell(`${signal} to rail off, ms`, Math.round((rig.wires.offAtMs ?? NaN) - fromMs));
      await untilMining();
    });

  it("is started anew by the watchdog when the kernel hangs, with the rail off", async () => {
    const { console: board, monitor } = rig.board;
    const from = board.text.length;
    const fromMs = performance.now();
    await board.run("echo 0 >/proc/sys/kernel/panic; echo c >/proc/sysrq-trigger", 1).catch(String);
    await until(() => monitor.happened.includes("RESET") || undefined, {
      what: "a reset of the board",
      withinS: WATCHDOG_LIMIT_S,
    });
    tell("kernel gone to reset, ms", Math.round(performance.now() - fromMs));
    await rig.wires.plugIn();
    await rig.setTemperatures(ROOM_C);
    await untilOff(1);
    await board.seen(/MARK program/, BOOT_LIMIT_S, from);
    await untilMining();
  });
});

async function uptimeS(rig: ImageRig): Promise<number> {
  return Number(await rig.board.console.run("cut -d ' ' -f 1 /proc/uptime"));
}

/** When the kernel had started what, and when the machine entered its states first; in seconds since the kernel began. */
async function bootTimes(rig: ImageRig): Promise<Record<string, number>> {
  const { console: board } = rig.board;
  const times = new Map<string, number>();
  for (const [, what, seconds] of board.text.matchAll(/^MARK (\w+) ([\d.]+)$/gm))
    times.set(what ?? "", Number(seconds));
  const beganMs = Number(await board.run("date +%s")) * 1000 - (await uptimeS(rig)) * 1000;
  const log = await board.run(`grep '"msg":"machine"' /data/log`);
  for (const line of log.split("\n")) {
    const { state, time } = JSON.parse(line) as { state: string; time: number };
    if (!times.has(state)) times.set(state, Math.round((time - beganMs) / 100) / 10);
  }
  return Object.fromEntries(times);
}

async function status(rig: ImageRig): Promise<Snapshot> {
  return JSON.parse(
    await rig.board.console.run("headframe status --data /data/headframe --json", 60),
  ) as Snapshot;
}

function tell(what: string, figure: unknown): void {
  process.stdout.write(`    ${what}: ${JSON.stringify(figure)}\n`);
}

function imageOf(env: NodeJS.ProcessEnv): BoardImage {
  const { KERNEL: kernel, DTB: dtb, INITRAMFS: initramfs, DISK: disk } = env;
  if (!kernel || !dtb) throw new Error("KERNEL and DTB say what boots: scripts/test-image does");
  return {
    ...{ kernel, dtb },
    ...(initramfs ? { initramfs } : {}),
    ...(disk ? { disk } : {}),
    append: "console=ttyS4,115200 rdinit=/init loglevel=4",
  };
}
