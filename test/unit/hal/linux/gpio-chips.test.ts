import { deepEqual, equal, throws } from "node:assert/strict";
import { findGpioChips, placeLine, type GpioChip } from "../../../../src/hal/linux/gpio-chips.js";
import { failsWith } from "../suites/errors.js";
import { ImitatedKernel } from "./imitated-kernel.js";

const BANKS = { label: "periphs-banks", base: 411, lines: 86 };
const AO = { label: "ao-bank", base: 497, lines: 15 };

describe("GPIO chips of the kernel", () => {
  let kernel: ImitatedKernel;

  beforeEach(() => {
    kernel = new ImitatedKernel();
  });

  afterEach(() => {
    kernel.remove();
  });

  const chips = (): GpioChip[] =>
    findGpioChips(kernel.paths, (device) => kernel.libraries().addon.readGpioChip(device));

  it("are none on a computer without any", () => {
    deepEqual(chips(), []);
    const missing = failsWith("GPIO_UNAVAILABLE", { line: "gpio437", chips: "none" });
    throws(() => placeLine({ gpio: 437 }, []), missing);
  });

  it("are found in sysfs and as devices, and brought together by label", () => {
    kernel.addChip(BANKS, { sysfs: true, device: "gpiochip0" });
    kernel.addChip(AO, { sysfs: true });
    kernel.addChip(
      { label: "expander", base: 600, lines: 8 },
      { sysfs: false, device: "gpiochip2" },
    );
    kernel.put("dev/gpiochip3", "");
    deepEqual(
      chips().map(({ label, base, device }) => [label, base, device?.split("/").at(-1)]),
      [
        ["periphs-banks", 411, "gpiochip0"],
        ["ao-bank", 497, undefined],
        ["expander", undefined, "gpiochip2"],
      ],
    );
  });

  it("place a line by its number, which is its place on a chip too", () => {
    kernel.addChip(BANKS, { sysfs: true, device: "gpiochip0" });
    kernel.addChip(AO, { sysfs: true });
    const first = placeLine({ gpio: 411 }, chips());
    deepEqual([first.number, first.on?.offset], [411, 0]);
    deepEqual(placeLine({ gpio: 496 }, chips()).on?.offset, 85);
    deepEqual(placeLine({ gpio: 497 }, chips()), { name: "gpio497", number: 497, on: undefined });
  });

  it("place a line by chip and offset, whatever the kernel's numbers", () => {
    kernel.addChip({ ...BANKS, base: 512 }, { sysfs: true });
    equal(placeLine({ chip: "periphs-banks", offset: 26 }, chips()).number, 538);
  });

  it("do not have a number of another kernel's numbering, and show theirs", () => {
    kernel.addChip({ ...BANKS, base: 512 }, { sysfs: true });
    throws(
      () => placeLine({ gpio: 437 }, chips()),
      failsWith("GPIO_UNAVAILABLE", {
        reason: "no chip has a line of this number",
        chips: "periphs-banks 512..597",
      }),
    );
  });

  it("without numbers say what to write into the board file", () => {
    kernel.addChip(BANKS, { sysfs: false, device: "gpiochip0" });
    throws(
      () => placeLine({ gpio: 437 }, chips()),
      failsWith("GPIO_UNAVAILABLE", {
        reason:
          "this kernel does not number lines: write { chip: LABEL, offset: N } in the board file",
        chips: "periphs-banks (86 lines)",
      }),
    );
  });

  it("never guess between two of one label", () => {
    for (const [index, base] of [411, 600].entries())
      kernel.addChip({ ...BANKS, base }, { sysfs: true, device: `gpiochip${String(index)}` });
    deepEqual(
      chips().map(({ base, device }) => [base, device]),
      [
        [411, undefined],
        [600, undefined],
      ],
    );
    throws(
      () => placeLine({ chip: "periphs-banks", offset: 1 }, chips()),
      failsWith("GPIO_UNAVAILABLE", { reason: "several chips have this label" }),
    );
    equal(placeLine({ gpio: 601 }, chips()).number, 601);
  });

  it("name a label and an offset that are not there", () => {
    kernel.addChip(BANKS, { sysfs: true });
    throws(
      () => placeLine({ chip: "periphs", offset: 1 }, chips()),
      failsWith("GPIO_UNAVAILABLE", { line: "periphs:1", reason: "no chip has this label" }),
    );
    throws(
      () => placeLine({ chip: "periphs-banks", offset: 86 }, chips()),
      failsWith("GPIO_UNAVAILABLE", { reason: "the chip has 86 lines" }),
    );
  });
});
