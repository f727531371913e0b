import { equal, ok } from "node:assert/strict";
import {
  chipBaud,
  offsetStart,
  pllFreqMHz,
  ticketExtraBits,
} from "../../../src/virtual/chip/registers.js";
import { VIRTUAL_CHIPS, chipFamily } from "../../../src/virtual/chip/families.js";
import { batchMs, meetingMs } from "../../../src/virtual/chip/sweep.js";
import { cases, number, text, vectorFile } from "./vectors.js";

const OURS: readonly unknown[] = VIRTUAL_CHIPS;
const MASK_OF_PLL0 = 0x4000_0000;

describe("virtual chips, register meanings", () => {
  for (const test of cases("ticket_mask").filter(({ register }) => register !== "0x18")) {
    it(`reads the mask of ${test.id}`, () => {
      equal(ticketExtraBits(number(test, "register_value")), number(test, "extra_zero_bits"));
    });
  }

  for (const test of cases("pll").filter(
    (each) => OURS.includes(each["chip"]) && (number(each, "register_value") & MASK_OF_PLL0) !== 0,
  )) {
    it(`makes the clock of ${test.id}`, () => {
      ok(Math.abs(pllFreqMHz(number(test, "register_value")) - number(test, "actual_mhz")) < 1e-3);
    });
  }

  for (const test of cases("uart_baud").filter(({ register }) => register === "0x28")) {
    it(`makes the baud rate of ${test.id}`, () => {
      equal(Math.round((chipBaud(number(test, "value")) ?? 0) * 100) / 100, test["chip_baud"]);
    });
  }

  for (const test of cases("nonce_offset")) {
    it(`starts the sweep of ${test.id}`, () => {
      equal(offsetStart(number(test, "register_value")), number(test, "first_counter_value"));
    });
  }

  for (const test of cases("hash_counting").filter((each) => OURS.includes(each["chip"]))) {
    it(`times the batches of ${test.id}`, () => {
      const hcn = Number(test["hcn"] ?? test["hcn_full"]);
      ok(Math.abs(batchMs(hcn) - number(test, "batch_ms")) < 1e-3);
      if (test["version_epoch_s"] === undefined) return;
      const name = VIRTUAL_CHIPS.find((each) => each === test["chip"]);
      if (name === undefined) return;
      const epochS = (65_536 / chipFamily(name).subCores) * (batchMs(hcn) / 1000);
      ok(Math.abs(epochS - number(test, "version_epoch_s")) < 1e-3, String(epochS));
    });
  }
});

describe("virtual chips, time of a sweep", () => {
  const parameters = vectorFile("sweep_timing_bm1366")["parameters"] as Record<string, unknown>;
  const sweep = {
    originMs: 0,
    originBatch: 0,
    batchMs: batchMs(number(parameters, "hash_counting_number")),
    countersPerMs: number(parameters, "frequency_mhz") * 1000,
    epochBatches: 8192,
  };

  for (const test of cases("sweep_timing_bm1366")) {
    for (const address of [0x00, 0x80]) {
      const field = `ms_after_job_address_${address === 0 ? "00" : "80"}`;
      if (test[field] === undefined || test[field] === null) continue;
      it(`meets ${text(test, "result")} at address ${String(address)} when the log has it`, () => {
        const timeMs = meetingMs(
          { ...sweep, startCounter: address << 17 },
          number(test, "batch"),
          number(test, "counter_25bit"),
        );
        // The log counts in 10 ms, and its batches are 5 us longer than the nominal 80 ns a count.
        const logMs = number(test, field);
        ok(Math.abs(timeMs - logMs) < 20 + logMs * 1e-4, `${String(timeMs)} and ${String(logMs)}`);
      });
    }
  }
});
