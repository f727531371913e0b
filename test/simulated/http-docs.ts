import { equal, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const docs = (name: string): string =>
  readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
/** Enough of netcat for the documents: what it sends, and all that comes back. */
const NETCAT = 'nc() { exec 3<>"/dev/tcp/$1/$2"; cat >&3; cat <&3; }';
const TOKEN_LINE = 'printf %s "$TOKEN" >"$DATA/token"';

/** The examples of docs/http.md, in one shell; what they print, and the token that they made. */
export function runHttpDocs(
  port: number,
  dataDir: string,
): { readonly printed: string; readonly token: string } {
  const examples = [...docs("http.md").matchAll(/```sh\n([\s\S]*?)```/g)];
  ok(examples.length >= 6);
  const script = ["set -e", ...examples.map(([, text = ""]) => text), TOKEN_LINE];
  const printed = bash(script, { MINER: `http://127.0.0.1:${port}`, DATA: dataDir });
  return { printed, token: readFileSync(join(dataDir, "token"), "utf8") };
}

/** The examples of docs/cgminer.md, which stand in a table; what each prints. */
export function runCgminerDocs(host: string): readonly string[] {
  const examples = [...docs("cgminer.md").matchAll(/`(echo [^`]*\bnc MINER 4028)`/g)];
  ok(examples.length >= 2);
  return examples.map(([, text = ""]) =>
    bash([NETCAT, text.replaceAll("\\|", "|").replace("MINER", host)], {}),
  );
}

function bash(lines: readonly string[], env: Readonly<Record<string, string>>): string {
  const shell = spawnSync("bash", ["-c", lines.join("\n")], {
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  equal(shell.status, 0, `${shell.stdout}\n${shell.stderr}`);
  return shell.stdout;
}
