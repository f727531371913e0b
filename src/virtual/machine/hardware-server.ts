import { parseHex, toHex } from "../../lib/bytes.js";
import type { Clock } from "../../lib/clock.js";
import type { ControlLines } from "../body/control-lines.js";
import type { VirtualBus } from "../i2c/virtual-bus.js";
import { LineServer, parseObject } from "./line-server.js";

/** What the server gives access to. */
export interface ServedHardware {
  readonly clock: Clock;
  readonly model: string;
  readonly controlBoardC: () => number;
  readonly buses: Readonly<Record<string, VirtualBus>>;
  readonly lines: ControlLines;
}

type Request = Readonly<Record<string, unknown>>;
/** Fields of the answer, or why there is none. */
type Answer = object | { readonly error: string };

const MOST_BYTES = 4096;
/** What every request that makes no sense gets. */
const BAD = { error: "badRequest" };

/** The socket by which a controller reaches everything that is not a chain. */
export class HardwareServer {
  readonly #hardware: ServedHardware;
  readonly #server = new LineServer((line) => this.#answerLine(line));

  constructor(hardware: ServedHardware) {
    this.#hardware = hardware;
  }

  /** Rejects when the socket cannot be made. */
  listen(path: string): Promise<void> {
    return this.#server.listen(path);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  async #answerLine(line: string): Promise<object> {
    const request = parseObject(line) ?? {};
    const answer = await this.#answer(request);
    return { id: request["id"] ?? null, ok: !("error" in answer), ...answer };
  }

  #answer(request: Request): Answer | Promise<Answer> {
    const { clock, lines, model } = this.#hardware;
    switch (request["do"]) {
      case "i2c":
        return this.#transfer(request);
      case "i2cRecover":
        return this.#recover(request);
      case "gpioRead": {
        const level = lines.read(textOf(request["line"]));
        return level === undefined ? { error: "noLine" } : { level };
      }
      case "gpioWrite": {
        const { line, level } = request;
        if (level !== 0 && level !== 1) return BAD;
        return lines.write(textOf(line), level) ? {} : { error: "noLine" };
      }
      case "pwmSet": {
        const { output, periodNs, dutyNs } = request;
        if (lines.getPwm(textOf(output)) === undefined) return { error: "noOutput" };
        return lines.setPwm(textOf(output), Number(periodNs), Number(dutyNs)) ? {} : BAD;
      }
      case "pwmGet":
        return lines.getPwm(textOf(request["output"])) ?? { error: "noOutput" };
      case "tachRead": {
        const periodNs = lines.readTach(textOf(request["tach"]));
        return periodNs === undefined ? { error: "noTach" } : { periodNs };
      }
      case "watchdogOpen":
        return lines.openWatchdog(Number(request["timeoutS"]), clock.nowMs()) ? {} : BAD;
      case "watchdogFeed":
        return lines.feedWatchdog(clock.nowMs()) ? {} : { error: "notOpen" };
      case "watchdogClose":
        lines.closeWatchdog();
        return {};
      case "controlBoardTemperature":
        return { tempC: this.#hardware.controlBoardC() };
      case "deviceTree":
        return { model };
      default:
        return BAD;
    }
  }

  async #transfer({ bus, address, write, read }: Request): Promise<Answer> {
    const found = this.#busOf(bus);
    if (found === undefined) return { error: "noBus" };
    const bytes = parseHex(textOf(write ?? ""));
    const count = Number(read ?? 0);
    const isAddress = Number.isInteger(address) && Number(address) >= 0 && Number(address) <= 0x7f;
    const isCount = Number.isInteger(count) && count >= 0 && count <= MOST_BYTES;
    if (bytes === undefined || bytes.length > MOST_BYTES || !isAddress || !isCount) return BAD;
    const outcome = await found.transfer({ address: Number(address), write: bytes, read: count });
    return outcome.ok ? { read: toHex(outcome.read) } : { error: outcome.error };
  }

  async #recover({ bus }: Request): Promise<Answer> {
    const found = this.#busOf(bus);
    if (found === undefined) return { error: "noBus" };
    return (await found.recover()) ? {} : { error: "stuck" };
  }

  #busOf(name: unknown): VirtualBus | undefined {
    const { buses } = this.#hardware;
    return typeof name === "string" && Object.hasOwn(buses, name) ? buses[name] : undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
