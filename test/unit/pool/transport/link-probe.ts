import type { LookupFunction } from "node:net";
import type { MinerError } from "../../../../src/lib/errors.js";
import type { Endpoint, Link, OpenLink } from "../../../../src/pool/transport/link.js";

/** A link with what its listener heard. */
export class LinkProbe {
  readonly link: Link;
  /** Resolves when the link is open; rejects with the error when it ends before. */
  readonly opened: Promise<void>;
  /** Resolves with the error that ended the link. */
  readonly closed: Promise<MinerError>;
  #text = "";
  #wake: (() => void) | undefined;

  constructor(openLink: OpenLink, endpoint: Endpoint) {
    let open = (): void => undefined;
    let fail: (error: MinerError) => void = () => undefined;
    let end: (error: MinerError) => void = () => undefined;
    this.opened = new Promise((resolve, reject) => {
      open = resolve;
      fail = reject;
    });
    this.closed = new Promise((resolve) => {
      end = resolve;
    });
    // Not every test waits for it.
    this.opened.catch(() => undefined);
    this.link = openLink(endpoint, {
      onOpen: open,
      onData: (chunk) => {
        this.#text += Buffer.from(chunk).toString();
        this.#wake?.();
      },
      onClose: (error) => {
        fail(error);
        end(error);
      },
    });
  }

  /** Resolves when `text` has come. */
  async reads(text: string): Promise<void> {
    while (!this.#text.includes(text))
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }
}

/** A name service that gives `addresses`, and counts the questions. */
export function fixedLookup(...addresses: readonly string[]): LookupFunction {
  const entries = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  return (_, options, callback) => {
    const [first = { address: "", family: 4 }] = entries;
    setImmediate(() => {
      if (options.all === true) callback(null, entries);
      else callback(null, first.address, first.family);
    });
  };
}
