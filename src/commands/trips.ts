import type { Command } from "commander";
import { askController } from "../api/control/control-client.js";
import type { TripRecord } from "../safety/trip.js";
import type { TripSnapshot } from "../telemetry/trip-snapshot.js";
import { errorText } from "./machine-text.js";
import { print, type JsonOption } from "./output.js";

interface ControllerFlags extends JsonOption {
  readonly data: string;
}

/** What cut the power of the running machine, or took a board out of it: trips, trips clear. */
export function registerTripsCommands(program: Command): void {
  const trips = program
    .command("trips")
    .description("what cut the power or took a board out, with what was known then (--json)")
    .option("--data <dir>", "data directory of the controller")
    .option("--json", "one JSON document")
    .action(async (flags: JsonOption & { readonly data?: string }, command: Command) => {
      const list = (await askController(dataOf(flags, command), "trips.list")) as {
        readonly trips: readonly TripRecord[];
      };
      print(list, flags, () => listText(list.trips));
    });
  trips
    .command("clear")
    .description("the owner knows of a trip: what it stopped is tried again")
    .argument("<id>", "as headframe trips shows it")
    .option("--data <dir>", "data directory of the controller")
    .option("--json", "one JSON document")
    .action(async (id: string, _flags: unknown, command: Command) => {
      // The parent has options of the same names and takes them, wherever they stand.
      const flags: Partial<ControllerFlags> = command.optsWithGlobals();
      const reply = (await askController(dataOf(flags, command), "trips.clear", { id })) as {
        readonly trip: TripRecord;
      };
      print(reply, { json: flags.json === true }, () => tripText(reply.trip));
    });
}

function dataOf({ data }: { readonly data?: string | undefined }, command: Command): string {
  if (data === undefined) command.error("error: required option '--data <dir>' not specified");
  return data;
}

function listText(trips: readonly TripRecord[]): string {
  return trips.length === 0 ? "no trip is remembered" : trips.map(tripText).join("\n");
}

function tripText(trip: TripRecord): string {
  const { cleared } = trip;
  const end =
    cleared === null
      ? "HOLDS"
      : `cleared by the ${cleared.by} at ${new Date(cleared.atUnixMs).toISOString()}`;
  return `${openTripText(trip)}; ${end}`;
}

/** One line about a trip: when, what was done, why, who saw it. */
export function openTripText(trip: TripSnapshot): string {
  const { id, atUnixMs, action, slot, by } = trip;
  const what = action === "cut" ? "power cut" : `board ${String(slot)} taken out`;
  return `${id} ${new Date(atUnixMs).toISOString()} ${what} by ${by}: ${errorText(trip)}`;
}
