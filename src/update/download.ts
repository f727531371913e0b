import type { Clock } from "../lib/clock.js";
import { isMinerError, MinerError } from "../lib/errors.js";
import type { BundleStore } from "./bundle-store.js";
import type { Pace } from "./pace.js";

/** A server that is gone for a while; afterwards somebody should look. */
const TRIES = 8;
const FIRST_WAIT_MS = 2000;
const MAX_WAIT_MS = 60_000;
/** A connection that says nothing for so long is as good as none. */
const SILENCE_MS = 30_000;

export interface DownloadOptions {
  readonly url: string;
  readonly store: BundleStore;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onBytes: (done: number, all: number | null) => void;
  readonly fetch?: typeof fetch;
}

/** A try that may be worth another. */
class FailedTry extends Error {}

/**
 * Fetches a bundle into the store, going on where an earlier try or process left off, as long as the server still has the same
 * file. Rejects with UPDATE_DOWNLOAD_FAILED, UPDATE_TOO_LARGE, UPDATE_NO_SPACE, and the reason of the signal
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { store, url, clock, signal } = options;
  let lastBytes = await store.bytes();
  let waitMs = FIRST_WAIT_MS;
  for (let tries = 1; ; tries += 1) {
    try {
      await fetchOnce(options);
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (isMinerError(error)) throw error;
      const reason = reasonOf(error);
      const bytes = await store.bytes();
      // Whoever gets on has not failed.
      if (bytes > lastBytes) [tries, waitMs] = [1, FIRST_WAIT_MS];
      lastBytes = bytes;
      if (tries >= TRIES) throw new MinerError("UPDATE_DOWNLOAD_FAILED", { url, reason });
      await clock.sleep(waitMs, signal);
      waitMs = Math.min(2 * waitMs, MAX_WAIT_MS);
    }
  }
}

async function fetchOnce(options: DownloadOptions): Promise<void> {
  const { url, store, pace, signal, onBytes } = options;
  const have = await resumable(store, url);
  const silence = new AbortController();
  const response = await (options.fetch ?? fetch)(url, {
    headers: have === null ? {} : { range: `bytes=${String(have.bytes)}-`, "if-range": have.etag },
    signal: AbortSignal.any([signal, silence.signal]),
  });
  const isRest = have !== null && isRestFrom(response, have.bytes);
  if (!(response.status === 200 || isRest) || response.body === null) {
    // What is there is no part of it any more.
    if (response.status === 416 || response.status === 206) await store.clear();
    throw refusal(url, response.status);
  }
  if (!isRest) await store.begin({ url, etag: strongEtag(response) });
  const length = response.headers.get("content-length");
  await store.assertRoom(Number(length ?? 0));
  const all = length === null ? null : (await store.bytes()) + Number(length);
  const size = await store.append(
    heard(response.body, silence, options.clock),
    (bytes) => pace.take(bytes),
    (done) => {
      onBytes(done, all);
    },
  );
  if (all !== null && size !== all) throw new FailedTry("the connection ended too early");
}

/** Documented: RFC 9110, 13.1.5: only a strong validator allows to continue. */
async function resumable(
  store: BundleStore,
  url: string,
): Promise<{ readonly bytes: number; readonly etag: string } | null> {
  const [bytes, origin] = [await store.bytes(), await store.origin()];
  const etag = origin?.url === url ? origin.etag : null;
  return bytes > 0 && etag !== null ? { bytes, etag } : null;
}

function isRestFrom({ status, headers }: Response, bytes: number): boolean {
  const from = /^bytes (\d+)-/.exec(headers.get("content-range") ?? "")?.[1];
  return status === 206 && Number(from) === bytes;
}

function strongEtag({ headers }: Response): string | null {
  const etag = headers.get("etag");
  return etag === null || etag.startsWith("W/") ? null : etag;
}

/** A server that is overloaded or begins anew may be asked again, one that says no may not. */
function refusal(url: string, status: number): Error {
  const isPassing = status >= 500 || status === 429 || status === 416 || status === 206;
  const reason = `status ${String(status)}`;
  return isPassing
    ? new FailedTry(reason)
    : new MinerError("UPDATE_DOWNLOAD_FAILED", { url, reason });
}

async function* heard(
  body: AsyncIterable<Uint8Array>,
  silence: AbortController,
  clock: Clock,
): AsyncGenerator<Uint8Array> {
  const listen = (): (() => void) =>
    clock.after(SILENCE_MS, () => {
      silence.abort(new FailedTry("the connection fell silent"));
    });
  let cancel = listen();
  try {
    for await (const piece of body) {
      cancel();
      yield piece;
      cancel = listen();
    }
  } finally {
    cancel();
  }
}

function reasonOf(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown };
  return cause instanceof Error ? `${String(error)}: ${cause.message}` : String(error);
}
