import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { arch, hostname, release, totalmem, uptime } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createGzip } from "node:zlib";
import * as z from "zod/mini";
import type { Clock } from "../../lib/clock.js";
import { ringTail } from "../../lib/ring-tail.js";
import { tarEnd, tarEntry, type TarEntry } from "../../lib/tar.js";
import { programVersion } from "../../lib/version.js";
import { withoutSecrets } from "../config-secrets.js";
import { knownSecrets } from "./known-secrets.js";

const LEAST_BYTES = 64 * 1024;
const USUAL_BYTES = 1024 * 1024;
const MOST_BYTES = 4 * 1024 * 1024;
/** Of the flight recorder, before it is packed to a fifth. */
const FLIGHT_BYTES = 2 * 1024 * 1024;
const LEAST_FLIGHT_BYTES = 64 * 1024;
/** Of other rings: all of them, but for what somebody put in their place. */
const RING_BYTES = 4 * 1024 * 1024;

/** Rings of the data directory, beside that of the flight recorder. */
const RINGS = ["events.ring", "seconds.ring", "minutes.ring"];
const FLIGHT = "flight.ring";

export const BundleWish = z.strictObject({
  maxBytes: z.optional(z.int().check(z.minimum(LEAST_BYTES), z.maximum(MOST_BYTES))),
});

export interface SupportBundle {
  /** As a file. */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** A tar.gz. */
  readonly base64: string;
  readonly entries: readonly { readonly name: string; readonly bytes: number }[];
}

export interface SupportParts {
  readonly dataDir: string;
  /** What else there is to know, by name: each becomes a JSON document. */
  readonly documents: () => Readonly<Record<string, unknown>>;
  /** As it stands in its file; undefined where nobody can say. */
  readonly config: () => unknown;
  /** Writes what waits. */
  readonly flush: () => Promise<unknown>;
  readonly clock: Clock;
}

/**
 * What somebody needs who is to say what ails a machine, without its secrets: the names of the configuration that hold one
 * are blanked, keys are in no file that is taken, and a file in which a secret of the configuration stands is left out.
 * Unpacked, `data` is a data directory that history, events and replay can read.
 */
export async function supportBundle(
  parts: SupportParts,
  { maxBytes = USUAL_BYTES }: z.infer<typeof BundleWish> = {},
): Promise<SupportBundle> {
  await parts.flush();
  const unixMs = parts.clock.unixMs();
  for (let flightBytes = FLIGHT_BYTES; ; flightBytes /= 2) {
    const entries = await entriesOf(parts, flightBytes, unixMs);
    const packed = await pack(entries, unixMs);
    if (packed.length > maxBytes && flightBytes > LEAST_FLIGHT_BYTES) continue;
    const time = new Date(unixMs)
      .toISOString()
      .replace(/\.\d+Z$/, "Z")
      .replaceAll(":", "");
    return {
      name: `headframe-support-${hostname()}-${time}.tar.gz`,
      bytes: packed.length,
      sha256: createHash("sha256").update(packed).digest("hex"),
      base64: packed.toString("base64"),
      entries: entries.map(({ name, bytes }) => ({ name, bytes: bytes.length })),
    };
  }
}

async function entriesOf(
  { dataDir, documents, config, clock }: SupportParts,
  flightBytes: number,
  unixMs: number,
): Promise<readonly TarEntry[]> {
  const secrets = knownSecrets(config());
  const files: TarEntry[] = [];
  for (const [name, value] of Object.entries({ ...documents(), config: withoutSecrets(config()) }))
    if (value !== undefined) files.push(document(name, value));
  const rings = [
    ...RINGS.map((name) => [name, RING_BYTES] as const),
    [FLIGHT, flightBytes] as const,
  ];
  for (const [name, most] of rings) {
    const bytes = await ringTail(join(dataDir, name), most);
    if (bytes !== undefined) files.push({ name: `data/${name}`, bytes });
  }
  files.push(...(await tripsOf(dataDir)));
  const isOpen = ({ bytes }: TarEntry): boolean =>
    !secrets.some((secret) =>
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(secret),
    );
  const kept = files.filter(isOpen);
  const about = {
    madeUnixMs: unixMs,
    version: programVersion(),
    node: process.version,
    system: `${process.platform} ${release()} ${arch()}`,
    memoryMb: Math.round(totalmem() / 2 ** 20),
    uptimeS: Math.round(uptime()),
    clockMs: clock.nowMs(),
    leftOut: files.filter((file) => !kept.includes(file)).map(({ name }) => name),
  };
  return [document("about", about), ...kept];
}

async function tripsOf(dataDir: string): Promise<readonly TarEntry[]> {
  const folder = join(dataDir, "trips");
  const names = await readdir(folder).catch((): string[] => []); // none yet
  const files = names.filter((name) => /^[\d-]+\.json$/.test(name)).sort();
  return Promise.all(
    files.map(async (name) => ({
      name: `data/trips/${name}`,
      bytes: await readFile(join(folder, name)),
    })),
  );
}

function document(name: string, value: unknown): TarEntry {
  return { name: `${name}.json`, bytes: Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`) };
}

function pack(entries: readonly TarEntry[], unixMs: number): Promise<Buffer> {
  const blocks = function* (): Generator<Buffer> {
    for (const entry of entries) yield tarEntry(entry, unixMs);
    yield tarEnd();
  };
  return buffer(Readable.from(blocks()).pipe(createGzip()));
}
