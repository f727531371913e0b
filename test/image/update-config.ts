/** The field `update` of the board's configuration: as the image has it, but quick. */
export function updateConfig(): object {
  return {
    slots: { a: "/dev/headframe/slot-a", b: "/dev/headframe/slot-b" },
    rateMbPerS: 20,
    // Long enough to boot and mine on a busy computer, short enough to wait for.
    health: { forS: 2, shares: 1, withinS: 240 },
  };
}
