// Starts an emulated AST2600 board with an archive as its root, prints what it prints and ends with its tests.
// usage: emulated-board.mjs KERNEL DTB IMAGE
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

/** Lines of the test: some are high, some are toggled like the tach of a fan. */
const HIGH = ["gpioB2", "gpioB3"];
const TOGGLED = ["gpioA0", "gpioA2"];
const HALF_PERIOD_MS = 10;
/** Interrupt status of GPIO A to D. Documented: Linux, drivers/gpio/gpio-aspeed.c. */
const EDGES_PENDING = "xp /1wx 0x1e780018";
const LIMIT_MS = 300_000;

const [kernel, dtb, image] = process.argv.slice(2);
process.exitCode = await boot();

/** Resolves with 0 when the board's own report says that its tests passed. */
async function boot() {
  const socket = `${image}.qmp`;
  rmSync(socket, { force: true });
  const board = spawn(
    "qemu-system-arm",
    [
      ...["-M", "ast2600-evb", "-m", "1G", "-nographic", "-no-reboot"],
      ...["-kernel", kernel, "-dtb", dtb, "-initrd", image],
      ...["-append", "console=ttyS4,115200 rdinit=/init quiet"],
      ...["-qmp", `unix:${socket},server,nowait`],
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const limit = setTimeout(() => board.kill(), LIMIT_MS);
  void moveLines(socket);
  let status = 1;
  const counts = { pass: 0, fail: 0 };
  for await (const line of createInterface({ input: board.stdout })) {
    const [, what, count] = /^ℹ (pass|fail) (\d+)/.exec(line) ?? [];
    if (what !== undefined) counts[what] += Number(count);
    const sums = /^\[doctest\] test cases:.* (\d+) passed \| +(\d+) failed/.exec(line);
    counts.pass += Number(sums?.[1] ?? 0);
    counts.fail += Number(sums?.[2] ?? 0);
    const end = /^TESTS ENDED (\d+)/.exec(line);
    if (end === null) {
      console.log(line);
      continue;
    }
    status = Number(end[1]);
    board.kill();
  }
  clearTimeout(limit);
  console.log(`${counts.pass} passed, ${counts.fail} failed`);
  return status;
}

/** The world of the board: levels at its pins. */
async function moveLines(path) {
  const ask = await openMonitor(path);
  const set = (property, value) => ask("qom-set", { path: "/machine/soc/gpio", property, value });
  await ask("qmp_capabilities");
  for (const line of HIGH) await set(line, true);
  for (let level = true; ; level = !level) {
    await sleep(HALF_PERIOD_MS);
    // QEMU 7.2 counts a second edge before the first was served twice, and its interrupt then never ends.
    const { return: status } = await ask("human-monitor-command", {
      "command-line": EDGES_PENDING,
    });
    if (/: 0x0+\s*$/.test(status)) for (const line of TOGGLED) await set(line, level);
    else level = !level;
  }
}

/** Resolves with a function that asks the monitor and resolves with its answers, in order. */
async function openMonitor(path) {
  let monitor;
  while (monitor === undefined) {
    await sleep(100);
    monitor = await new Promise((resolve) => {
      const attempt = connect(path);
      attempt.once("connect", () => resolve(attempt));
      attempt.once("error", () => resolve(undefined));
    });
  }
  const waiting = [];
  const lines = createInterface({ input: monitor });
  // The board ends; a line reader passes errors of its socket on, and unheard each of the two throws.
  for (const source of [monitor, lines]) source.on("error", () => undefined);
  lines.on("line", (line) => {
    const answer = JSON.parse(line);
    if ("return" in answer || "error" in answer) waiting.shift()?.(answer);
  });
  return (execute, parameters) =>
    new Promise((resolve) => {
      waiting.push(resolve);
      monitor.write(`${JSON.stringify({ execute, arguments: parameters })}\n`);
    });
}
