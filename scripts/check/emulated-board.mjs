// Starts an emulated AST2600 board with a folder as its root, prints what it prints and ends with its tests.
// usage: emulated-board.mjs KERNEL DTB ROOT IMAGE      IMAGE: the archive of ROOT is written there
import { spawn } from "node:child_process";
import {
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeSync,
} from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

/** Lines of the test: some are high, some are toggled like the tach of a fan. */
const HIGH = ["gpioB2", "gpioB3"];
const TOGGLED = ["gpioA0", "gpioA2"];
const HALF_PERIOD_MS = 10;
/** Interrupt status of GPIO A to D. Documented: Linux, drivers/gpio/gpio-aspeed.c. */
const EDGES_PENDING = "xp /1wx 0x1e780018";
const LIMIT_MS = 300_000;

const [kernel, dtb, root, image] = process.argv.slice(2);
archive(root, image);
process.exitCode = await boot();

/** Writes a folder as a cpio archive, which the kernel takes for its root ("newc", initramfs/buffer-format.rst). */
function archive(folder, file) {
  const fd = openSync(file, "w");
  const padded = (bytes) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  let inode = 1;
  const put = (name, mode, data, [major, minor] = [0, 0]) => {
    const fields = [inode++, mode, 0, 0, 1, 0, data.length, 0, 0, major, minor, name.length + 1, 0];
    const hex = fields.map((field) => field.toString(16).padStart(8, "0")).join("");
    writeSync(fd, padded(Buffer.from(`070701${hex}${name}\0`)));
    writeSync(fd, padded(data));
  };
  const walk = (path) => {
    for (const name of readdirSync(join(folder, path)).sort()) {
      const inside = join(path, name);
      const full = join(folder, inside);
      const status = lstatSync(full);
      if (status.isSymbolicLink()) put(inside, status.mode, Buffer.from(readlinkSync(full)));
      else if (status.isDirectory()) {
        put(inside, status.mode, Buffer.alloc(0));
        walk(inside);
      } else put(inside, status.mode, readFileSync(full));
    }
  };
  walk("");
  put("dev/console", 0o020600, Buffer.alloc(0), [5, 1]);
  put("TRAILER!!!", 0, Buffer.alloc(0));
}

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
