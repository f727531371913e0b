import { hexNumber } from "../../../lib/bytes.js";
import { CALIBRATION_BYTES, parseCalibrationBlock } from "../calibration-block.js";
import type { FrameVersion } from "../frame.js";
import { calibratedNominalPoints, calibratedPoints } from "../voltage-scale.js";
import type { Description } from "./description.js";
import type { SupplyModel } from "./supply-model.js";

const WRONG = {
  length: `a block has ${CALIBRATION_BYTES} bytes`,
  crc: "the sum is wrong: damaged, never written, or no calibration block",
  points: "it has no more than one point",
} as const;

/** A calibration block, which from then on tells what voltages mean. Undefined `values` where it is none. */
export function describeCalibration(
  bytes: Uint8Array,
  version: FrameVersion,
  model: SupplyModel,
): Description {
  const parsed = parseCalibrationBlock(bytes);
  if (!parsed.ok) return { meaning: "calibration", remarks: [WRONG[parsed.reason]] };
  const { block } = parsed;
  model.learnCalibration(block);
  const { serial, date, offsetsMv } = block;
  const unknown: string[] = [];
  const remarks = serial === null ? ["the serial number does not fit its form"] : [];
  const [first, ...others] = version === 2 ? [] : distinctFormulas(model);
  const points =
    version === 2
      ? calibratedNominalPoints(block)
      : first === undefined
        ? undefined
        : calibratedPoints(first.dac, block);
  if (points === undefined) unknown.push(`volts: no formula is known for ${model.name}`);
  if (first !== undefined && others.length > 0)
    unknown.push(
      `which type it is: points are those of ${first.name}, not of ${others.map(({ name }) => name).join(", ")}`,
    );
  return {
    meaning: "calibration",
    values: {
      serial,
      date,
      points: (points ?? offsetsMv).map((point, index) => ({
        ...(typeof point === "number"
          ? {}
          : { [version === 2 ? "nominalMv" : "setpoint"]: Math.round(point.told) }),
        offsetMv: offsetsMv[index] ?? 0,
        ...(typeof point === "number" ? {} : { railMv: Math.round(point.mv) }),
      })),
    },
    remarks,
    unknown,
  };
}

/** One type for each formula that is left. */
function distinctFormulas(model: SupplyModel): { name: string; dac: { a: number; b: number } }[] {
  const found = new Map<string, { name: string; dac: { a: number; b: number } }>();
  for (const { type } of model.candidates) {
    const { dac, code, firmwareLow } = type;
    if (dac === undefined) continue;
    const key = `${dac.a} ${dac.b}`;
    const from = firmwareLow === undefined ? "" : `, firmware from ${firmwareLow.from}`;
    if (!found.has(key)) found.set(key, { name: `${hexNumber(code)}${from}`, dac });
  }
  return [...found.values()];
}
