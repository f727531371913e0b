// Checks that what the documents point to exists: relative links, and files of the repository that
// are named in backticks. usage: node scripts/check/links.mjs
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "../..");
const git = ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"];
const papers = execFileSync("git", git, { cwd: root, encoding: "utf8" }).trim().split("\n");

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;
const MENTION = /`((?:src|native|test|scripts|docs|boards|\.ci)\/[\w./-]*)`/g;
const CODE_BLOCK = /^```[\s\S]*?^```$/gm;

/** GitHub's anchor of a heading. */
function anchorOf(heading) {
  const text = heading.replace(/[`*]/g, "").toLowerCase();
  return text.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
}

function hasAnchor(file, anchor) {
  const headings = readFileSync(file, "utf8")
    .replace(CODE_BLOCK, "")
    .matchAll(/^#+ (.+)$/gm);
  return [...headings].some((heading) => anchorOf(heading[1].trim()) === anchor);
}

/** Reason why a link is broken, or undefined. */
function faultOf(paper, target) {
  const [path, anchor] = target.split("#");
  const file = path === "" ? join(root, paper) : join(root, dirname(paper), path);
  if (!existsSync(file)) return "no such file";
  if (anchor === undefined || statSync(file).isDirectory() || !file.endsWith(".md"))
    return undefined;
  return hasAnchor(file, anchor) ? undefined : "no such heading";
}

const faults = papers.flatMap((paper) => {
  const text = readFileSync(join(root, paper), "utf8").replace(CODE_BLOCK, "");
  const links = [...text.matchAll(LINK)].map((match) => match[1]);
  const local = links.filter((target) => !/^[a-z]+:/.test(target));
  const mentions = [...text.matchAll(MENTION)].map((match) => match[1]);
  return [
    ...local.map((target) => [paper, target, faultOf(paper, target)]),
    ...mentions
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => [paper, path, "no such file"]),
  ].filter(([, , fault]) => fault !== undefined);
});

for (const [paper, target, fault] of faults) console.error(`${paper}: ${target}: ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
