import { ghs, hottest, mhs, percent, round, row, type Row, whole } from "./fields.js";
import type { MinerPicture } from "./picture.js";
import { success, type Reply } from "./reply.js";
import { activePool, shareTotals } from "./share-totals.js";

/** Of cgminer, whose fields these are. */
const API_VERSION = "3.7";
/** Whatever `5s` says is over this. */
const LOG_INTERVAL_S = 5;

export function versionRow({ program, version, compileTime, type }: MinerPicture): Row {
  return row({
    [program]: version,
    API: API_VERSION,
    Miner: `${program} ${version}`,
    CompileTime: compileTime,
    Type: type,
  });
}

export function version(picture: MinerPicture): Reply {
  return success(22, "CGMiner versions", "VERSION", [versionRow(picture)]);
}

export function summary(picture: MinerPicture): Reply {
  const { rates, elapsedS, diff1, hardwareErrors, pools } = picture;
  const shares = shareTotals(pools);
  const minutes = Math.max(1, elapsedS) / 60;
  const fields = row({
    Elapsed: elapsedS,
    "MHS av": mhs(rates.av),
    "MHS 5s": mhs(rates.s5),
    "MHS 1m": mhs(rates.m1),
    "MHS 5m": rates.m5 === undefined ? undefined : mhs(rates.m5),
    "MHS 15m": mhs(rates.m15),
    "GHS 5s": ghs(rates.s5),
    "GHS av": ghs(rates.av),
    "GHS 30m": rates.m30 === undefined ? undefined : ghs(rates.m30),
    "Found Blocks": picture.foundBlocks,
    Getworks: picture.getworks,
    Accepted: shares.accepted,
    Rejected: shares.rejected,
    "Hardware Errors": hardwareErrors,
    Utility: round(shares.accepted / minutes, 2),
    Discarded: shares.discarded,
    Stale: shares.stale,
    "Get Failures": shares.getFailures,
    "Local Work": 0,
    "Remote Failures": shares.remoteFailures,
    "Network Blocks": picture.networkBlocks,
    "Total MH": round(picture.totalMh, 4),
    "Work Utility": round(diff1 / minutes, 2),
    "Difficulty Accepted": round(shares.difficultyAccepted, 8),
    "Difficulty Rejected": round(shares.difficultyRejected, 8),
    "Difficulty Stale": round(shares.difficultyStale, 8),
    "Best Share": shares.bestShare,
    "Device Hardware%": percent(hardwareErrors, hardwareErrors + diff1),
    "Device Rejected%": percent(shares.difficultyRejected, diff1),
    "Pool Rejected%": percent(shares.difficultyRejected, shares.difficultyAll),
    "Pool Stale%": percent(shares.difficultyStale, shares.difficultyAll),
    "Last getwork": picture.lastWorkUnixS,
  });
  return success(11, "Summary", "SUMMARY", [fields]);
}

export function config({ boards, pools, program }: MinerPicture): Reply {
  return success(33, "CGMiner config", "CONFIG", [
    {
      ...{ "ASC Count": boards.length, "PGA Count": 0, "Pool Count": pools.length },
      ...{ Strategy: "Failover", "Log Interval": LOG_INTERVAL_S, "Device Code": `${program} ` },
      ...{ OS: "Linux", Hotplug: "None" },
    },
  ]);
}

export function coin({ block }: MinerPicture): Reply {
  const fields = row({
    "Hash Method": "sha256",
    "Current Block Time": block?.unixS,
    "Current Block Hash": block?.hash,
    LP: false,
    "Network Difficulty": block?.difficulty,
  });
  return success(78, "CGMiner coin", "COIN", [fields]);
}

/** A digest of the machine. */
export function lcd(picture: MinerPicture): Reply {
  const { rates, pools, boards } = picture;
  const pool = activePool(pools);
  const shares = shareTotals(pools);
  const fields = row({
    Elapsed: picture.elapsedS,
    "GHS av": ghs(rates.av),
    "GHS 5m": rates.m5 === undefined ? undefined : ghs(rates.m5),
    "GHS 5s": ghs(rates.s5),
    Temperature: hottest(boards.flatMap(({ pcbC }) => pcbC)),
    "Last Share Difficulty": pool?.lastShareDifficulty,
    "Last Share Time": pool?.lastShareUnixS,
    "Best Share": shares.bestShare,
    "Last Valid Work": lastWorkUnixS(picture),
    "Found Blocks": picture.foundBlocks,
    "Current Pool": pool?.url,
    User: pool?.user,
  });
  return success(125, "LCD", "LCD", [fields]);
}

export function power({ powerW, hasSupply }: MinerPicture): Reply {
  return success(350, "Power", "POWER", [row({ Watts: whole(powerW), PSU: hasSupply })]);
}

export function fans({ fansRpm, fanDutyPct, fansNeeded }: MinerPicture): Reply {
  const rows = fansRpm.map((rpm, fan) =>
    row({ FAN: fan, ID: fan, RPM: rpm, Speed: whole(fanDutyPct) }),
  );
  const status = { severity: "S", code: 351, msg: "Fans" } as const;
  const control = { name: "FANCTRL", rows: [{ MinFans: fansNeeded }] };
  return { is: "sections", status, sections: [{ name: "FANS", rows }, control] };
}

export function temps({ boards }: MinerPicture): Reply {
  const rows = boards.map(({ slot, pcbC, chipC }, index) =>
    row({ TEMP: index, ID: slot, Board: hottest(pcbC), Chip: hottest(chipC) }),
  );
  return success(354, "Temps", "TEMPS", rows);
}

export function temperatureControl({ cooling }: MinerPicture): Reply {
  const { mode, targetC, hotC, dangerousC } = cooling;
  const fields = row({ Mode: mode, Target: targetC, Hot: hotC, Dangerous: dangerousC });
  return success(355, "Temperature control", "TEMPCTRL", [fields]);
}

function lastWorkUnixS({ boards }: MinerPicture): number | undefined {
  const known = boards.flatMap(({ lastWorkUnixS: at }) => at ?? []);
  return known.length === 0 ? undefined : Math.max(...known);
}
