// Loaded into a controller before it starts: shifts its wall clock by the seconds in a file, which may change at any
// time. Monotonic time stays as it is.
import { readFileSync } from "node:fs";

const LOOK_MS = 100;

const file = process.env["WALL_CLOCK"] ?? "";
const RealDate = Date;
let shiftMs = 0;

setInterval(() => {
  shiftMs = 1000 * Number(readFileSync(file, "utf8"));
}, LOOK_MS).unref();

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + shiftMs);
    else super(...given);
  }

  static now() {
    return RealDate.now() + shiftMs;
  }
};
