import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { until } from "../simulated/until.js";
import { Guest, PROGRAM } from "./guest.js";
import { imageFiles } from "./image-files.js";
import { ImageRig, ROOM_C } from "./image-rig.js";
import { Owner } from "./owner.js";
import { surfaceOf } from "./surface.js";
import { tell } from "./tell.js";

const BOOT_LIMIT_S = 120;
const HOT_C = 90;
/** Of a shell that starts a program of Node. */
const ANSWER_LIMIT_S = 90;
const MOST_MB = 80;
/** Of guest time, from the start of the kernel. */
const MOST_TO_SHARE_S = 60;
/** The board's own, see boards/control-boards/qemu-ast2600.yaml, and a look every three seconds. */
const WATCHDOG_LIMIT_S = 60;

/** Has the inspector of Node block the main thread for four seconds: the image itself has nothing to make it hang. */
const HANG = `kill -USR1 $(${PROGRAM}); sleep 2; node --no-warnings --experimental-websocket -e '
fetch("http://127.0.0.1:9229/json").then((answer) => answer.json()).then(([{ webSocketDebuggerUrl }]) => {
  const socket = new WebSocket(webSocketDebuggerUrl);
  const expression = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4000)";
  socket.onopen = () => {
    socket.send(JSON.stringify({ id: 1, method: "Runtime.evaluate", params: { expression } }));
    setTimeout(() => process.exit(), 500);
  };
});'`.replaceAll("\n", " ");

/** The steps follow one another on one board: each leaves it mining. */
describe("the image on an emulated control board", function () {
  this.timeout(600_000);
  this.bail(true);
  const rig = new ImageRig(imageFiles(process.env));
  const guest = new Guest(rig);
  let owner: Owner | undefined;
  let times: Readonly<Record<string, number>> = {};

  before(async () => {
    await rig.start();
    owner = await Owner.connect(rig.brokerUrl);
    await rig.powerOn();
  });

  after(async () => {
    owner?.stop();
    await rig.stop();
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") process.stderr.write(await guest.report());
  });

  it("boots, powers three boards and has a share accepted", async () => {
    await rig.board.console.seen(/MARK program/, BOOT_LIMIT_S);
    await rig.untilMining();
    times = await guest.bootTimes();
    tell("guest time, s", times);
    const { chains } = await guest.status();
    equal(chains.map(({ state }) => state).join(), "hashing,hashing,hashing");
    equal((await rig.truth()).supply.isOn, true);
  });

  it("tells over MQTT", async () => {
    const isTele = ({ topic }: { topic: string }): boolean => topic === "miners/v1/board/tele";
    await until(() => owner?.heard.find(isTele), { what: "telemetry" });
  });

  it("takes a bearable amount of memory", async () => {
    const memory = await guest.run(`grep -h VmRSS /proc/$(${PROGRAM})/status`);
    const megabytes = Number(/(\d+) kB/.exec(memory)?.[1]) / 1024;
    tell("resident memory of the program, MB", megabytes);
    ok(megabytes < MOST_MB, memory);
  });

  it("has the ports, users, rights and setuid files of the committed list, and no others", async () => {
    const list = readFileSync(new URL("surface.txt", import.meta.url), "utf8");
    deepEqual(await surfaceOf(guest), list.trim().split("\n"));
  });

  it("cuts power when a sensor of a board gets hot, and comes back by its owner's word", async () => {
    const fromMs = performance.now();
    await rig.setTemperatures(HOT_C);
    await rig.untilOff(30);
    tell("hot to rail off, ms", Math.round((rig.wires.offAtMs ?? NaN) - fromMs));
    await rig.setTemperatures(ROOM_C);
    await guest.headframe("resume");
    await rig.untilMining();
  });

  for (const [what, command] of [
    ["is killed", `kill -KILL $(${PROGRAM})`],
    ["hangs in its event loop", HANG],
    ["is stopped", `kill -STOP $(${PROGRAM})`],
  ] as const)
    it(`has the rail off when the program ${what}, and mines again`, async () => {
      const fromMs = performance.now();
      await guest.run(command, ANSWER_LIMIT_S);
      // It may be on again before anybody looks.
      await until(() => (rig.wires.offAtMs ?? 0) > fromMs || undefined, {
        what: "the rail is off",
        withinS: 20,
      });
      // A hang is begun by a program of its own, which takes longer to start than all the rest.
      if (command !== HANG)
        tell(`${what}, to rail off, ms`, Math.round((rig.wires.offAtMs ?? NaN) - fromMs));
      await rig.untilMining();
    });

  it("is started anew by the watchdog when the kernel hangs, with the rail off", async () => {
    const { console: board } = rig.board;
    const from = board.text.length;
    const fromMs = performance.now();
    await board.run("echo 0 >/proc/sys/kernel/panic; echo c >/proc/sysrq-trigger", 1).catch(String);
    await rig.untilResets(1, WATCHDOG_LIMIT_S);
    tell("kernel gone to reset, ms", Math.round(performance.now() - fromMs));
    await rig.untilOff(1);
    await board.seen(/MARK program/, BOOT_LIMIT_S, from);
    await rig.untilMining();
  });

  // Last: a busy computer fails it, and nothing else.
  it("had its first share within a minute of the start of its kernel", () => {
    ok((times["share"] ?? NaN) < MOST_TO_SHARE_S, JSON.stringify(times));
  });
});
