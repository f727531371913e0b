import type { FaultRequest } from "../../src/virtual/pool/faults/fault-set.js";
import { BACK_WITHIN_S, type Expectation, type Row } from "./row.js";
import {
  addressMoves,
  allDown,
  clockJumps,
  firstAddressDead,
  luredAway,
  nameGone,
  pathDies,
  sentToOtherPort,
  tls,
} from "./scenes.js";

type Rest = Omit<Row, "name" | "expects" | "faults">;

function row(expects: Expectation) {
  return (name: string, fault: string | FaultRequest | undefined, rest: Rest = {}): Row => ({
    ...{ name, expects, ...rest },
    ...(fault !== undefined && { faults: [typeof fault === "string" ? { name: fault } : fault] }),
  });
}

const leaves = row("leaves");
const stays = row("stays");
const survives = row("survives");
const staysAway = row("staysAway");
const waits = row("waits");

const NEW: Rest = { when: "newSession" };
const START: Rest = { when: "start" };
/** Without rolled versions most parts of a chip idle: what is left makes a share a second at this difficulty. */
const FEW_VERSIONS: Rest = { ...START, pool: { startDifficulty: 1 } };
/** Shares that were found for the old content when the new one was on its way. */
const SAME_ID = { "low-difficulty": 5, ntime: 5 };
const DAY_S = 86_400;

const SILENCE: readonly Row[] = [
  leaves("silent from the start", "silent", START),
  leaves("silent after 20 shares", { name: "silent", afterShares: 20 }),
  leaves("silent only for submits", "submitsUnanswered"),
  leaves("half-open TCP", "halfOpen"),
  leaves("half-open TCP, new sessions too", "halfOpen", NEW),
  leaves("packets vanish between", undefined, { scene: pathDies }),
  leaves("pool stops reading", "notReading"),
  leaves("no new work", "jobsStop", {
    ...{ nextWithinS: 120, lastsS: 5 },
    why: "Pools that are well send work each 30 to 60 s: nobody can know it in 15 s.",
  }),
];

const LINKS: readonly Row[] = [
  leaves("connections refused", "down"),
  leaves("connections refused for three minutes", "down", {
    lastsS: 180,
    why: "The pause between attempts grows, and must not spoil the way back.",
  }),
  leaves("connections refused from the start", "down", START),
  leaves("TCP connects and nothing follows", "acceptsOnly", NEW),
  leaves("reset at the first bytes", "resetOnFirstBytes", NEW),
  leaves("reset after authorize", "endAfterAuthorize", NEW),
  leaves("closed at every submit", "endAfterSubmit"),
  leaves("disconnect inside a line", "cutLine"),
  leaves("name gone", undefined, { scene: nameGone }),
  survives("address changes", undefined, { scene: addressMoves }),
  survives("first address of the name is dead", undefined, { scene: firstAddressDead }),
  survives("connection lost once", "idleKick", NEW),
  survives("connection lost, session resumed", "idleKick", {
    ...NEW,
    pool: { resume: "honoured" },
  }),
  survives("connection lost, resume refused", "idleKick", { ...NEW, pool: { resume: "refused" } }),
  staysAway("flapping each 20 s", { name: "flapping", downS: 20, upS: 20 }, { lastsS: 130 }),
  leaves(
    "flapping after each return",
    { name: "flapping", downS: 8, upS: 40 },
    {
      ...{ lastsS: 130, backWithinS: 120 },
      why: "The second way back takes longer, so that the hash power stays where it works.",
    },
  ),
  waits("all pools down for two minutes", undefined, { scene: allDown, lastsS: 120 }),
];

const TLS: readonly Row[] = [
  leaves("TLS expired", undefined, { scene: tls({ name: "certificate", which: "expired" }) }),
  leaves("TLS wrong name", undefined, { scene: tls({ name: "certificate", which: "wrongName" }) }),
  leaves("TLS unknown issuer", undefined, {
    scene: tls({ name: "certificate", which: "unknownIssuer" }),
  }),
  leaves("TLS reset in handshake", undefined, { scene: tls({ name: "resetOnFirstBytes" }) }),
  leaves("TLS answered in plain text", undefined, { scene: tls({ name: "plainText" }) }),
  leaves("TLS handshake hangs", undefined, { scene: tls({ name: "acceptsOnly" }) }),
  survives("TLS connection lost once", undefined, { scene: tls({ name: "idleKick" }) }),
];

const BYTES: readonly Row[] = [
  stays("drip-fed bytes", "dripFeed"),
  stays("bursts cut inside lines", "bursts"),
  stays("CR LF and blank lines", "crlf"),
  stays("invalid UTF-8", "invalidUtf8"),
  stays("JSON that is no message", "oddJson"),
  leaves("JSON nested without end", "deepNesting"),
  leaves("garbage", "garbage"),
  leaves("10 MB line", "longLine"),
  leaves("line without end", "endlessLine"),
  leaves("HTTP page", "httpPage"),
];

const FLOODS: readonly Row[] = [
  stays("notify storm", "notifyStorm"),
  stays("notify storm, all clean", { name: "notifyStorm", perS: 20, clean: "yes" }),
  survives("stale notify flood", "staleNotifyFlood", {
    sharesPerS: 30,
    why: "Work is thrown away every 20 ms: a tenth of the shares gets through.",
  }),
  stays("difficulty storm", "difficultyStorm"),
  stays("message flood", "messageFlood"),
  stays("question flood", "questionFlood"),
  survives("reconnect storm", "reconnectStorm"),
  survives("reconnect to another host", undefined, { scene: luredAway }),
  survives("reconnect to another port", undefined, { scene: sentToOtherPort }),
];

const badDifficulty = (value: string): Row =>
  stays(`difficulty ${value}`, { name: "badDifficulty", value });

const DIFFICULTY: readonly Row[] = [
  stays("difficulty flips inside a job", "difficultyFlip"),
  ...["zero", "negative", "nan", "huge", "infinite", "text", "null", "missing"].map(badDifficulty),
  survives(
    "difficulty 1e-320",
    { name: "badDifficulty", value: "tiny" },
    {
      allows: { "low-difficulty": 10_000 },
      // A session goes on with the last difficulty it was told.
      healsBy: "restart",
      why: "It is a number above 0, so the miner has to believe it.",
    },
  ),
  survives("difficulty NaN that is no JSON", { name: "badDifficulty", value: "bareNan" }),
  stays("difficulty as text", "difficultyAsText"),
  stays("difficulty as a target", "difficultyAsTarget"),
  stays("difficulty falls to 1", { name: "difficultyIs", value: 1 }),
];

const unusable = (part: string): Row =>
  leaves(`unusable jobs: ${part}`, { name: "unusableJobs", part });

const JOBS: readonly Row[] = [
  stays("clean_jobs never", "cleanNever"),
  stays("clean_jobs always", "cleanAlways"),
  stays("job sent again as it is", "jobsRepeated"),
  stays("same id, other content", "sameJobId", { allows: SAME_ID }),
  stays("duplicate job ids in every session", "sameJobId", {
    ...START,
    allows: SAME_ID,
  }),
  stays("job ids of any characters", "jobIdIs"),
  stays("job ids as numbers", "jobIdAsNumber"),
  stays("one element more in jobs", "extraJobElement"),
  stays("no branches", { name: "merkleBranches", count: 0 }),
  stays("14 branches", { name: "merkleBranches", count: 14 }),
  stays("32 branches", { name: "merkleBranches", count: 32 }),
  stays("coinbase of 16 kB", "coinbaseSize"),
  stays("pool's clock an hour ahead", { name: "ntimeOffset", seconds: 3600 }),
  stays("pool's clock an hour behind", { name: "ntimeOffset", seconds: -3600 }),
  stays("empty block first", "emptyBlockFirst"),
  survives("work of an old block", { name: "oldBlock", blocks: 1 }),
  ...["prevhashShort", "coinbaseNotHex", "branchShort", "nbitsZero", "tooFew"].map(unusable),
];

const VERSIONS: readonly Row[] = [
  stays("version bits in the base version", "versionBits"),
  stays("mask narrower mid-session", "maskNarrows", {
    ...{ pool: { startDifficulty: 1 }, allows: { version: 60 } },
  }),
  stays("mask right after configure", "maskAfterConfigure", FEW_VERSIONS),
  stays("no version rolling", "noVersionRolling", FEW_VERSIONS),
  stays(
    "no version rolling, said as text",
    { name: "noVersionRolling", how: "text" },
    FEW_VERSIONS,
  ),
  stays("configure kills the connection", "configureCloses", FEW_VERSIONS),
  survives(
    "configure not answered",
    { name: "answerMissing", method: "mining.configure" },
    { ...FEW_VERSIONS, lastsS: 30 },
  ),
  stays(
    "configure answered by an error",
    { name: "answerIsError", method: "mining.configure" },
    {
      ...FEW_VERSIONS,
    },
  ),
];

const EXTRANONCE: readonly Row[] = [
  leaves(
    "wrong extranonce2 size in use",
    { name: "extranonce2SizeWrong", size: 3 },
    {
      ...{ ...START, healsBy: "restart", pool: { extranonce2Size: 8 } },
      allows: { "extranonce2-size": 1000 },
    },
  ),
  stays("extranonce changes mid-session", "extranonceMoves", { pool: { extranonce2Size: 4 } }),
  stays(
    "extranonce changes its size",
    { name: "extranonceMoves", size: 2 },
    {
      pool: { extranonce2Size: 6 },
    },
  ),
  stays("extranonce2 of 1 byte", undefined, {
    ...{ scene: clockJumps(0), pool: { extranonce2Size: 1 } },
  }),
  stays("extranonce2 of 16 bytes", undefined, {
    ...{ scene: clockJumps(0), pool: { extranonce2Size: 16 } },
  }),
  leaves("extranonce1 not hex", { name: "extranonce1Is", what: "notHex" }, NEW),
  leaves("extranonce1 of 200 bytes", { name: "extranonce1Is", what: "long" }, NEW),
];

const ANSWERS: readonly Row[] = [
  stays("error as text", "errorAsText"),
  stays("result missing", "resultMissing"),
  stays("reject-reason", "rejectReason"),
  stays("error missing", "errorMissing"),
  stays("ids as text", "idsAsText"),
  survives("answers lost", "answersLost"),
  stays("answers late", "answersLate"),
  stays("answers out of order", "answersShuffled"),
  stays("answers doubled", "answersDoubled"),
  stays("answers to nobody", "answersToNobody"),
  leaves("all shares rejected", "rejectsAll"),
  leaves("all shares unauthorized", { name: "rejectsAll", reason: "unauthorized" }),
  leaves("all shares stale", { name: "rejectsAll", reason: "stale" }),
  stays("pool credits half, refuses half", "creditsHalf"),
  survives("pool credits half, silent on half", { name: "creditsHalf", rest: "unanswered" }),
];

/** Documented: a refused login is not asked for again sooner than after 60 s; opening and a share come on top. */
const ASKED_AGAIN = { backWithinS: BACK_WITHIN_S + 5 };

const OPENING: readonly Row[] = [
  leaves("authorize refused", "authorizeRefused", { ...NEW, ...ASKED_AGAIN }),
  leaves("authorize refused from the start", "authorizeRefused", { ...START, ...ASKED_AGAIN }),
  leaves("authorize refused late", "authorizeRevoked", ASKED_AGAIN),
  leaves("authorize not answered", { name: "answerMissing", method: "mining.authorize" }, NEW),
  leaves("subscribe not answered", { name: "answerMissing", method: "mining.subscribe" }, NEW),
  leaves(
    "subscribe answered by an error",
    { name: "answerIsError", method: "mining.subscribe" },
    {
      ...NEW,
    },
  ),
  stays("subscribe answered after notify", "subscribeAfterNotify", START),
  stays("authorize answered late", { name: "answerLate", method: "mining.authorize" }, START),
  survives("unknown methods close", "unknownCloses", {
    ...START,
    why: "No pool is known to do so for what we send after authorize; the next pool takes over.",
  }),
];

const CLOCKS: readonly Row[] = [
  stays("clock jumps a day ahead", undefined, { scene: clockJumps(DAY_S) }),
  stays("clock jumps a year back", undefined, { scene: clockJumps(-365 * DAY_S) }),
];

/** The wall, row by row. */
export const ROWS: readonly Row[] = [
  ...SILENCE,
  ...LINKS,
  ...TLS,
  ...BYTES,
  ...FLOODS,
  ...DIFFICULTY,
  ...JOBS,
  ...VERSIONS,
  ...EXTRANONCE,
  ...ANSWERS,
  ...OPENING,
  ...CLOCKS,
];
