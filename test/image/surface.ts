import { PROGRAM, type Guest } from "./guest.js";

/** What of the booted system others can reach or borrow, a line each. */
const LOOKS = [
  [
    "port",
    "netstat -tuln | sed -n 's/^\\(tcp\\|udp\\) .* \\([^ ]*:[0-9]*\\) .*/\\1 \\2/p' | sort -u",
  ],
  [
    "user",
    "for p in /proc/[0-9]*; do sed -n 's/^Uid:.\\([0-9]*\\).*/\\1/p' $p/status; done 2>/dev/null | sort -u",
  ],
  ["program", `grep -hE '^(Uid|Gid|Groups|CapEff|CapBnd|NoNewPrivs):' /proc/$(${PROGRAM})/status`],
  ["setuid", "find / /data -xdev -type f -perm /6000 | sort"],
] as const;
const LIMIT_S = 60;

export async function surfaceOf(guest: Guest): Promise<readonly string[]> {
  const seen: string[] = [];
  for (const [what, command] of LOOKS) {
    const printed = await guest.run(command, LIMIT_S);
    const lines = printed.split("\n").map((line) => line.trim().replace(/\s+/g, " "));
    seen.push(...lines.filter((line) => line !== "").map((line) => `${what} ${line}`));
  }
  return seen;
}
