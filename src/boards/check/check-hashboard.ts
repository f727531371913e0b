import type { HashboardFile } from "../schema/index.js";
import type { Report } from "./report.js";

const ADDRESSES = 256;
/** Addresses of AT24C02 parts. */
const EEPROM_FIRST = 0x50;
const EEPROM_LAST = 0x57;

/** What one hashboard file must hold by itself. */
export function checkHashboard(board: HashboardFile, report: Report): void {
  checkChain(board, report);
  checkParts(board, report);
}

function checkChain({ chip, chain }: HashboardFile, report: Report): void {
  const product = chain.domains * chain.chipsPerDomain;
  if (product !== chain.chips)
    report.add("chain.chips", chain.chips, `domains x chipsPerDomain = ${String(product)}`);
  if (chain.chips * chain.addressStep > ADDRESSES)
    report.add(
      "chain.addressStep",
      chain.addressStep,
      `at most ${String(Math.floor(ADDRESSES / chain.chips))}, so that ${String(chain.chips)} addresses fit a byte`,
    );
  if (chip.hashUnits < chip.cores)
    report.add("chip.hashUnits", chip.hashUnits, `at least cores = ${String(chip.cores)}`);
}

function checkParts(board: HashboardFile, report: Report): void {
  const { chain, controller, sensors = [], eeprom } = board;
  const kind = controller?.kind ?? "none";
  if (controller !== undefined && (controller.address === undefined) !== (kind === "none"))
    report.add(
      "controller.address",
      controller.address ?? "nothing",
      kind === "none" ? "left out where there is no controller" : "given",
    );
  if (eeprom !== undefined && !isEepromAddress(eeprom.address))
    report.add("eeprom.address", hex(eeprom.address), eepromExpectation());
  report.usedOnce(
    sensors.map(({ place }, index) => [`place ${place}`, `sensors.${String(index)}`]),
  );
  for (const [index, { at }] of sensors.entries()) {
    const path = `sensors.${String(index)}.at`;
    if (at.bus === "controller" && kind !== "framed" && kind !== "probe")
      report.add(`${path}.bus`, at.bus, "boards or chip, since no controller can have a bus");
    if (at.bus === "chip" && at.chip >= chain.chips)
      report.add(`${path}.chip`, at.chip, `below chain.chips = ${String(chain.chips)}`);
  }
}

export function isEepromAddress(address: number): boolean {
  return address >= EEPROM_FIRST && address <= EEPROM_LAST;
}

export function eepromExpectation(): string {
  return `inside ${hex(EEPROM_FIRST)} to ${hex(EEPROM_LAST)}`;
}

export function hex(address: number): string {
  return `0x${address.toString(16).padStart(2, "0")}`;
}
