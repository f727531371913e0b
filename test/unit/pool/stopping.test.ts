import { deepEqual, equal } from "node:assert/strict";
import { ManualClock } from "../../../src/lib/clock.js";
import type { PoolState } from "../../../src/pool/pool-client.js";
import type { LinkListener, OpenLink } from "../../../src/pool/transport/link.js";
import { ClientRig } from "./client-rig.js";
import { notifyParams } from "./scripted-pool.js";

/** Time that stands still and knows who waits for it. */
class CountingClock extends ManualClock {
  waiting = 0;

  override after(ms: number, callback: () => void): () => void {
    let isWaiting = true;
    const settle = (): void => {
      if (isWaiting) this.waiting -= 1;
      isWaiting = false;
    };
    this.waiting += 1;
    const cancel = super.after(ms, () => {
      settle();
      callback();
    });
    return () => {
      settle();
      cancel();
    };
  }
}

/** Links of a pool that answers the moment it is asked. */
class InstantPool {
  opened = 0;
  open = 0;
  canWrite = true;
  readonly #listeners: LinkListener[] = [];

  readonly openLink: OpenLink = (_, listener) => {
    this.opened += 1;
    this.open += 1;
    this.#listeners.push(listener);
    let isOpen = true;
    return {
      security: "none",
      remote: undefined,
      write: () => this.canWrite,
      setReading: () => undefined,
      close: () => {
        if (isOpen) this.open -= 1;
        isOpen = false;
      },
    };
  };

  connect(): void {
    this.#listeners.at(-1)?.onOpen();
  }

  read(...messages: readonly object[]): void {
    const text = messages.map((message) => `${JSON.stringify(message)}\n`).join("");
    this.#listeners.at(-1)?.onData(Buffer.from(text));
  }

  welcome(): void {
    this.read(
      { id: 1, result: { "version-rolling": true, "version-rolling.mask": "1fffe000" } },
      { id: 2, result: [[], "00", 4] },
      { id: 3, result: true },
      { id: null, method: "mining.notify", params: notifyParams("1") },
    );
  }
}

describe("a Stratum V1 client that ends", () => {
  let rig: ClientRig;
  afterEach(() => {
    rig.close();
  });

  for (const state of ["connecting", "opening", "ready", "waiting"] satisfies PoolState[])
    it(`leaves no link and no timer behind when it is stopped while it tells that it is ${state}`, async () => {
      const clock = new CountingClock();
      const pool = new InstantPool();
      const { openLink } = pool;
      rig = await ClientRig.start({ clock, openLink, suggestDifficulty: () => 1000 });
      pool.connect();
      pool.welcome();
      const openedBefore = pool.opened;
      pool.read({ id: null, method: "client.reconnect", params: [] });
      rig.client.on("state", (now) => {
        if (now === state) rig.client.stop();
      });
      await clock.advance(500);
      pool.connect();
      pool.welcome();
      pool.read({ id: null, method: "client.reconnect", params: [] });
      equal(rig.client.snapshot().state, "stopped");
      deepEqual([pool.open, clock.waiting], [0, 0]);
      equal(pool.opened - openedBefore, state === "connecting" ? 0 : 1);
    });

  it("leaves no timer behind when a write ends its session", async () => {
    const clock = new CountingClock();
    const pool = new InstantPool();
    const { openLink } = pool;
    rig = await ClientRig.start({ clock, openLink, suggestDifficulty: () => 1000 });
    pool.connect();
    pool.canWrite = false;
    pool.welcome();
    equal(rig.client.snapshot().state, "waiting");
    equal(clock.waiting, 1);
    rig.client.stop();
    equal(clock.waiting, 0);
  });
});
