import type { Command } from "commander";
import type { TripRecord } from "../safety/trip.js";
import type { TripSnapshot } from "../telemetry/trip-snapshot.js";
import { errorText } from "./machine-text.js";
import { addControllerOptions, controllerOf } from "./open-controller.js";
import { print, type JsonOption } from "./output.js";

/** What cut the power of the running machine, or took a board out of it: trips, trips clear. */
export function registerTripsCommands(program: Command): void {
  const trips = addControllerOptions(program.command("trips"))
    .description("what cut the power or took a board out, with what was known then (--json)")
    .action(async (flags: JsonOption, command: Command) => {
      const list = (await controllerOf(command).ask("trips.list")) as {
        readonly trips: readonly TripRecord[];
      };
      print(list, flags, () => listText(list.trips));
    });
  addControllerOptions(trips.command("clear"))
    .description("the owner knows of a trip: what it stopped is tried again")
    .argument("<id>", "as headframe trips shows it")
    .action(async (id: string, _flags: unknown, command: Command) => {
      // The parent has options of the same names and takes them, wherever they stand.
      const { json }: JsonOption = command.optsWithGlobals();
      const reply = (await controllerOf(command).ask("trips.clear", { id })) as {
        readonly trip: TripRecord;
      };
      print(reply, { json: json === true }, () => tripText(reply.trip));
    });
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
