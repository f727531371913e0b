import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** When this program was built, as its file tells: `Thu Jan 1 00:00:00 UTC 2026`. */
export function compileTime(
  builtAt: Date = statSync(fileURLToPath(import.meta.url)).mtime,
): string {
  const [weekday, day, month, year, time] = builtAt.toUTCString().replace(",", "").split(" ");
  return `${weekday ?? ""} ${month ?? ""} ${Number(day)} ${time ?? ""} UTC ${year ?? ""}`;
}
