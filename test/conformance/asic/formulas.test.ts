import { equal, ok } from "node:assert/strict";
import { BM1370 } from "../../../src/asic/bm1370.js";
import { batchMs, hashCountingNumber, windowNonces } from "../../../src/asic/hash-counting.js";
import { jobTiming } from "../../../src/asic/job-interval.js";
import { nonceOffset, nonceOffsetWord } from "../../../src/asic/nonce-offset.js";
import { planFrequency, sliceNonces } from "../../../src/asic/frequency.js";
import { ticketMask } from "../../../src/asic/ticket-mask.js";
import { chipBaud, RESET_BAUD, RESET_FAST_UART } from "../../../src/asic/uart.js";
import { FULL_VERSION_MASK } from "../../../src/asic/registers.js";
import { vectorCases } from "./vectors.js";

interface TicketCase {
  id: string;
  requested_difficulty: number;
  effective_difficulty: number;
  extra_zero_bits?: number;
  register_value: string;
  chips: string;
}

interface HashCountingCase {
  id: string;
  kind: string;
  chips_on_chain: number | null;
  chip?: string;
  sub_cores?: number;
  fb_div: number;
  ref_div: number;
  post_div1: number;
  post_div2: number;
  slice_per_core: number;
  hcn: number;
  hcn_full?: number;
  hcn_minus_200_guard: number;
  hcn_esp_miner_bm1370_guard_268: number | null;
  window_nonces_per_core: number;
  batch_ms: number;
  version_epoch_s: number;
}

interface NonceOffsetCase {
  id: string;
  chips_on_chain: number;
  chip_index: number;
  offset: string;
  register_value: string;
}

interface BaudCase {
  id: string;
  register: string;
  value: string;
  chip_baud: number;
}

interface JobTimingCase {
  id: string;
  kind: string;
  frequency_mhz: number;
  chips: number;
  small_cores: number;
  cores: number;
  versions: number;
  fraction: number;
  milliseconds: number;
}

describe("ticket mask vectors", () => {
  for (const vector of vectorCases<TicketCase>("ticket_mask")) {
    // The BM1387 has another register with plain bits.
    if (vector.chips === "BM1387") continue;
    it(`${vector.id}: ${vector.register_value}`, () => {
      const mask = ticketMask(vector.requested_difficulty);
      equal(mask.registerValue, Number(vector.register_value));
      equal(mask.difficulty, vector.effective_difficulty);
      equal(mask.extraZeroBits, vector.extra_zero_bits);
    });
  }
});

describe("hash counting number vectors", () => {
  for (const vector of vectorCases<HashCountingCase>("hash_counting")) {
    if (vector.kind === "full-coverage formula") {
      it(`${vector.id}: ${String(vector.hcn_full)}`, () => {
        const pll = {
          fbDiv: vector.fb_div,
          refDiv: vector.ref_div,
          postDiv1: vector.post_div1,
          postDiv2: vector.post_div2,
        };
        const full = hashCountingNumber(vector.slice_per_core, pll);
        equal(full, vector.hcn_full);
        equal(hashCountingNumber(vector.slice_per_core, pll, 200), vector.hcn_minus_200_guard);
        const guarded = vector.hcn_esp_miner_bm1370_guard_268;
        if (guarded !== null) equal(hashCountingNumber(vector.slice_per_core, pll, 268), guarded);
        ok(Math.abs(windowNonces(full, pll) - vector.window_nonces_per_core) < 0.1);
        equal(batchMs(full).toFixed(4), vector.batch_ms.toFixed(4));
        const { epochMs } = timing(full, vector.sub_cores ?? 0);
        equal((epochMs / 1000).toFixed(4), vector.version_epoch_s.toFixed(4));
      });
      continue;
    }
    it(`${vector.id}: batch and epoch of a stock value`, () => {
      const subCores = /s21|a2$/.test(vector.id) ? 16 : 8;
      equal(batchMs(vector.hcn).toFixed(4), vector.batch_ms.toFixed(4));
      const { epochMs } = timing(vector.hcn, subCores);
      equal((epochMs / 1000).toFixed(4), vector.version_epoch_s.toFixed(4));
    });
  }

  it("gives the captured split of the S21 Pro its full coverage", () => {
    const pll = { fbDiv: 192, refDiv: 2, postDiv1: 4, postDiv2: 1 };
    const slice = sliceNonces("nonceOffset", { chips: 65, addressStep: 2 });
    equal(hashCountingNumber(slice, pll), 10754);
  });

  function timing(hcn: number, subCores: number): { epochMs: number } {
    return jobTiming({
      subCores,
      hashCountingNumber: hcn,
      versionMask: FULL_VERSION_MASK,
      baud: 3_125_000,
    });
  }
});

describe("nonce offset vectors", () => {
  for (const vector of vectorCases<NonceOffsetCase>("nonce_offset"))
    it(`${vector.id}: ${vector.offset}`, () => {
      equal(nonceOffset(vector.chip_index, vector.chips_on_chain), Number(vector.offset));
      equal(
        nonceOffsetWord(vector.chip_index, vector.chips_on_chain),
        Number(vector.register_value),
      );
    });
});

describe("baud vectors", () => {
  for (const vector of vectorCases<BaudCase>("uart_baud")) {
    // BM1397 has its divider in another register.
    if (vector.register !== "0x28") continue;
    it(`${vector.id}: ${vector.value}`, () => {
      equal(chipBaud(Number(vector.value)), Math.round(vector.chip_baud));
    });
  }

  it("meets the chips after reset within half a percent", () => {
    ok(Math.abs(RESET_BAUD / chipBaud(RESET_FAST_UART) - 1) < 0.005);
  });
});

describe("job timing vectors", () => {
  for (const vector of vectorCases<JobTimingCase>("job_timing")) {
    // ESP-Miner's fixed intervals and the BM1397, whose host makes the versions, follow other rules.
    if (vector.kind !== "time to search everything" || vector.versions <= 4) continue;
    it(`${vector.id}: our epoch is the time ESP-Miner counts`, () => {
      const { dividers } = planFrequency(BM1370, "espMiner", vector.frequency_mhz);
      const slice = 2 ** 32 / nextPowerOfTwo(vector.cores) / nextPowerOfTwo(vector.chips);
      const { epochMs } = jobTiming({
        subCores: BM1370.subCores,
        hashCountingNumber: hashCountingNumber(slice, dividers),
        versionMask: (vector.versions - 1) << 13,
        baud: 1_041_667,
      });
      ok(Math.abs((epochMs * vector.fraction) / vector.milliseconds - 1) < 0.0001);
    });
  }

  function nextPowerOfTwo(value: number): number {
    return 2 ** Math.ceil(Math.log2(value));
  }
});
