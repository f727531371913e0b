import type {
  ReplayDifference,
  ReplayedTrip,
  ReplayGap,
  ReplayReport,
} from "../recorder/replay/replay-outcome.js";

const REPLAY_WORDS: Readonly<Record<ReplayedTrip["replay"], string>> = {
  same: "decided again",
  different: "NOT decided again",
  notJudged: "not a rule's: a part of the program saw it, or the record begins later",
};

/** For people. */
export function replayText(report: ReplayReport): string {
  const { trips, gaps, first } = report;
  return [
    ...head(report),
    ...gaps.map(gapText),
    ...trips.map(tripText),
    first === null ? "every decision is the same" : differenceText(first, report),
  ].join("\n");
}

function head(report: ReplayReport): readonly string[] {
  const { fromUnixMs, toUnixMs, sessions, looks, coolingDecisions, skipped, trips } = report;
  const minutes = ((toUnixMs ?? 0) - (fromUnixMs ?? 0)) / 60_000;
  const others = Object.entries(report.others).map(([kind, count]) => `${count} ${kind}`);
  return [
    `from ${timeText(fromUnixMs)} to ${timeText(toUnixMs)}: ${minutes.toFixed(1)} min of ${sessions} runs of the program`,
    `recorded by ${report.recordedBy.join(", ")}, taken again by ${report.version}`,
    `${looks} looks of the safety, ${coolingDecisions} decisions of the cooling, ${report.lifeSteps} steps of the life of the machine, ${trips.length} trips compared`,
    ...(others.length > 0 ? [`not decisions, and not compared: ${others.join(", ")}`] : []),
    ...(report.livesWithoutBeginning > 0
      ? ["the life of the machine is not compared: its beginning is not in the recording any more"]
      : []),
    ...(skipped > 0 ? [`${skipped} entries before the first keyframe were left out`] : []),
  ];
}

function gapText({ fromUnixMs, toUnixMs, records }: ReplayGap): string {
  return `DAMAGED: ${records} records between ${timeText(fromUnixMs)} and ${timeText(toUnixMs)} cannot be read`;
}

function tripText({ atUnixMs, action, slot, code, replay }: ReplayedTrip): string {
  const what = action === "cut" ? "power cut" : `board ${String(slot)} taken out`;
  return `${timeText(atUnixMs)} ${what}: ${code}: ${REPLAY_WORDS[replay]}`;
}

function differenceText(first: ReplayDifference, { differences, version }: ReplayReport): string {
  const { stream, atUnixMs, uptimeS, then, now } = first;
  return [
    `DIFFERENT: ${differences} decisions, the first of the ${stream} at ${timeText(atUnixMs)}, ${uptimeS.toFixed(3)} s after the program began`,
    `  then (${first.version}): ${then}`,
    `  now (${version}): ${now}`,
  ].join("\n");
}

function timeText(unixMs: number | null): string {
  return unixMs === null ? "an unknown time" : new Date(unixMs).toISOString();
}
