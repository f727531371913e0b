import { equal } from "node:assert/strict";
import { defaultBoardsDir, readBoardFile } from "../../../src/boards/files.js";
import { LinuxHardware } from "../../../src/hal/linux/linux-hardware.js";
import { openHardware } from "../../../src/hal/open-hardware.js";
import { VirtualHardware } from "../../../src/hal/virtual/virtual-hardware.js";

describe("the hardware of a control board", () => {
  for (const [name, kind] of [
    ["virtual", VirtualHardware],
    ["qemu-ast2600", LinuxHardware],
    ["amlogic-a113d", LinuxHardware],
  ] as const)
    it(`is that of ${kind.name} for ${name}`, async () => {
      const board = { name, ...readBoardFile(defaultBoardsDir(), "control-boards", name) };
      const hardware = await openHardware(board, "/nonexistent");
      equal(hardware.constructor.name, kind.name);
      await hardware.close();
    });
});
