import { createHash } from "node:crypto";

/** A line of scripts/image/packages.lock: of Debian's archive or of npm's. */
export interface LockedPackage {
  readonly kind: "deb" | "npm";
  readonly arch: string;
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  /** As its maker names them; empty where nobody says it so that a program can read it. */
  readonly licences: readonly string[];
}

/** A file of ours in what is flashed. */
export interface OwnFile {
  readonly arch: string;
  readonly path: string;
  readonly sha256: string;
}

/** Of CycloneDX 1.5, what is used here. */
export interface Component {
  readonly "bom-ref": string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly unknown[];
}

export interface SbomParts {
  readonly version: string;
  /** Seconds since 1970; of the commit, so that the same build gives the same bytes. */
  readonly builtS: number;
  /** Of the npm packages in the bundle, as `npm sbom` writes them. */
  readonly libraries: readonly Component[];
  readonly packages: readonly LockedPackage[];
  readonly files: readonly OwnFile[];
}

/** The bill of materials of an image, in CycloneDX 1.5. */
export function sbomDocument(parts: SbomParts): object {
  const { version, builtS, libraries, packages, files } = parts;
  const components = [
    ...libraries,
    ...packages.map(packageComponent),
    ...files.map((file) => fileComponent(file, version)),
  ].sort((one, other) => (one["bom-ref"] < other["bom-ref"] ? -1 : 1));
  const serial = createHash("sha256").update(JSON.stringify([version, builtS, components]));
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.5.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    serialNumber: `urn:uuid:${uuidOf(serial.digest("hex"))}`,
    version: 1,
    metadata: {
      timestamp: new Date(builtS * 1000).toISOString(),
      lifecycles: [{ phase: "build" }],
      component: {
        "bom-ref": `headframe@${version}`,
        type: "firmware",
        name: "headframe",
        version,
        licenses: [{ license: { id: "Apache-2.0" } }],
      },
    },
    components,
  };
}

function packageComponent(locked: LockedPackage): Component {
  const { kind, arch, name, version, sha256, licences } = locked;
  const purl =
    kind === "deb"
      ? `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${arch}&distro=debian-12`
      : `pkg:npm/${name}@${version}`;
  return {
    "bom-ref": purl,
    type: kind === "npm" ? "platform" : "library",
    name,
    version,
    purl,
    hashes: [{ alg: "SHA-256", content: sha256 }],
    ...(licences.length > 0 && {
      licenses: licences.map((licence) => ({ license: { name: licence } })),
    }),
  };
}

function fileComponent({ arch, path, sha256 }: OwnFile, version: string): Component {
  return {
    "bom-ref": `file:${arch}/${path}`,
    type: "file",
    name: `${arch}/${path}`,
    version,
    hashes: [{ alg: "SHA-256", content: sha256 }],
  };
}

/** RFC 9562, version 8: bits of our own choice. */
function uuidOf(hex: string): string {
  const part = (from: number, to: number): string => hex.slice(from, to);
  return `${part(0, 8)}-${part(8, 12)}-8${part(13, 16)}-8${part(17, 20)}-${part(20, 32)}`;
}

/**
 * Names of licences in a copyright file of Debian; none where it is not in the format for programs.
 * Documented: Debian, machine-readable debian/copyright file, 1.0.
 */
export function debianLicences(copyright: string): string[] {
  if (!/^Format: \S*copyright-format\/1\.0/m.test(copyright)) return [];
  const names = [...copyright.matchAll(/^License:[ \t]*(\S.*)$/gm)].map(([, name = ""]) =>
    name.trim(),
  );
  return [...new Set(names)].sort();
}
