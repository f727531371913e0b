import type { Config } from "../../app/config.js";
import type { Clock } from "../../lib/clock.js";
import type { History } from "../../telemetry/history.js";
import type { Snapshot } from "../../telemetry/snapshot.js";
import { compileTime } from "./compile-time.js";
import { LongRates } from "./long-rates.js";
import { minerPicture, type MinerPicture } from "./picture.js";

const PROGRAM = "headframe";

export interface PainterOptions {
  readonly spec: Config["machineSpec"];
  readonly history: Pick<History, "latest" | "events">;
  readonly clock: Clock;
}

/** Draws the machine as stock Antminers describe themselves: one picture a second, however many ask. */
export class Painter {
  readonly #options: PainterOptions;
  readonly #rates: LongRates;
  readonly #builtAt = compileTime();
  readonly #deafen: () => void;
  #drawn: { readonly of: Snapshot; readonly picture: MinerPicture } | undefined;

  constructor(options: PainterOptions) {
    const { clock, history } = options;
    this.#options = options;
    this.#rates = new LongRates(clock);
    this.#rates.take(history.latest);
    this.#deafen = history.events.on("second", (snapshot) => {
      this.#rates.take(snapshot);
    });
  }

  get picture(): MinerPicture {
    const { history, spec, clock } = this.#options;
    const { latest } = history;
    if (this.#drawn?.of === latest) return this.#drawn.picture;
    const picture = minerPicture(latest, {
      ...{ program: PROGRAM, compileTime: this.#builtAt, spec },
      unixMs: clock.unixMs(),
      rates: this.#rates.rates(latest),
    });
    this.#drawn = { of: latest, picture };
    return picture;
  }

  stop(): void {
    this.#deafen();
  }
}
