import type { HardwareFinding, HardwareWish } from "./hardware-finding.js";

/** Widths of the columns: all of it fits a terminal of 80 columns and 24 lines. */
const PART_WIDTH = 15;
const SOUGHT_WIDTH = 36;
const FOUND_WIDTH = 27;

/** What to do about a part that is missing on a computer that has a device tree. */
const ADVICE: Readonly<Record<HardwareFinding["part"], string>> = {
  "device tree": "set controlBoard to the board that is fitted: headframe boards list",
  "serial ports": "the kernel must enable these UARTs, under these names",
  "I2C to boards": "load the kernel's i2c-dev (modprobe i2c-dev)",
  "I2C to supply": "two lines, or i2c-dev, as the board file says",
  "GPIO lines": "kernels number lines differently; give chip and offset in the file",
  "fan PWM": "the kernel must drive this PWM",
  watchdog: "none",
};

/** What was looked for on this computer, what it has of it, and what to do, on one screen. */
export function hardwareReport(wish: HardwareWish, findings: readonly HardwareFinding[]): string {
  const { machine, board, deviceDir } = wish;
  return [
    `This computer does not have what ${machine.name} on ${board.name} needs.`,
    `Devices were looked for in ${deviceDir}.`,
    "",
    row("", "looked for", "found"),
    ...findings.map((finding) => row(finding.part, finding.lookedFor, finding.found)),
    "",
    "What to do:",
    ...advice(wish, findings).map((line) => `  ${line}`),
    "",
  ].join("\n");
}

function advice({ machine }: HardwareWish, findings: readonly HardwareFinding[]): string[] {
  const tree = findings.find(({ part }) => part === "device tree");
  if (tree?.is === "missing")
    return [
      "An ordinary computer has none of this. Without hardware: headframe demo, or",
      `  headframe virtual --machine ${machine.name} --listen DIR`,
      'and set "controlBoard": "virtual", "network": "virtual", "deviceDir": "DIR".',
      "To mine for real, run this on the control board of the miner, as root.",
    ];
  if (tree?.is === "wrong") return [ADVICE["device tree"]];
  const lines = findings
    .filter(({ is }) => is === "missing")
    .map(({ part }) => `${part}: ${ADVICE[part]}`);
  if (findings.some(({ is }) => is === "forbidden")) lines.push("Run it as root.");
  return lines;
}

function row(part: string, sought: string, found: string): string {
  const cells = [
    part.padEnd(PART_WIDTH),
    cut(sought, SOUGHT_WIDTH - 1).padEnd(SOUGHT_WIDTH),
    cut(found, FOUND_WIDTH),
  ];
  return `  ${cells.join("")}`.trimEnd();
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 3)}...` : text;
}
