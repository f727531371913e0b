// Writes the bill of materials of an image to standard output. The output of `npm sbom` goes to standard input.
// usage: sbom.ts VERSION BUILT-S LOCK UNPACKED NODE ARCH=ROOT...     UNPACKED, NODE: folders of the packages, by architecture
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  debianLicences,
  sbomDocument,
  type Component,
  type LockedPackage,
  type OwnFile,
} from "./sbom-document.js";

const [version = "", builtS = "", lock = "", unpacked = "", node = "", ...roots] =
  process.argv.slice(2);
const { components } = JSON.parse(readFileSync(0, "utf8")) as { components: Component[] };
const archs = roots.map((root) => root.split("=")[0] ?? "");
const document = sbomDocument({
  version,
  builtS: Number(builtS),
  libraries: components,
  packages: lockedPackages().filter(({ arch }) => arch === "all" || archs.includes(arch)),
  files: roots.flatMap((root) => {
    const [arch = "", folder = ""] = root.split("=");
    return ownFiles(arch, folder, "");
  }),
});
process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);

function lockedPackages(): LockedPackage[] {
  return readFileSync(lock, "utf8")
    .split("\n")
    .filter((line) => /^(deb|npm) /.test(line))
    .map((line) => {
      const [kind, arch = "", name = "", of = "", sha256 = ""] = line.split(" ");
      if (kind === "npm")
        return { kind, arch, name, version: of, sha256, licences: nodeLicence(arch) };
      return { kind: "deb", arch, name, version: of, sha256, licences: licencesOf(arch, name) };
    });
}

function nodeLicence(arch: string): string[] {
  const file = join(node, arch, "package.json");
  if (!existsSync(file)) return [];
  const { license } = JSON.parse(readFileSync(file, "utf8")) as { license?: string };
  return license === undefined ? [] : [license];
}

function licencesOf(arch: string, name: string): string[] {
  const folder = arch === "all" ? (archs[0] ?? "") : arch;
  const file = join(unpacked, folder, "usr/share/doc", name, "copyright");
  return existsSync(file) ? debianLicences(readFileSync(file, "utf8")) : [];
}

/** What is compiled or bundled here; libraries' own files are theirs. */
function ownFiles(arch: string, root: string, path: string): OwnFile[] {
  return readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) => {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) return ownFiles(arch, root, inside);
    if (!/^app\/(dist|build)\/|\.node$/.test(inside)) return [];
    const sha256 = createHash("sha256")
      .update(readFileSync(join(root, inside)))
      .digest("hex");
    return [{ arch, path: inside, sha256 }];
  });
}
