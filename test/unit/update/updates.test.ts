import { deepEqual, equal, notEqual, rejects, throws } from "node:assert/strict";
import { open, readFile, writeFile } from "node:fs/promises";
import type { UpdateParts } from "../../../src/update/update-parts.js";
import type { Updates } from "../../../src/update/updates.js";
import { bundle, IMAGE, Signer, type Recipe } from "./bundles.js";
import { Machine } from "./machine.js";

describe("updates", () => {
  const signer = new Signer();
  let machine: Machine;
  let updates: Updates;
  beforeEach(async () => {
    machine = await Machine.make(signer.publicText);
    updates = await machine.open();
  });
  afterEach(async () => {
    await updates.stop();
    await machine.remove();
  });

  /** Ends the program and starts it again in the slot that is booted. */
  async function booted(change: Partial<UpdateParts> = {}): Promise<string> {
    await updates.stop();
    const slot = await machine.boot();
    updates = await machine.open(change);
    return slot;
  }

  async function install(recipe: Partial<Recipe> = {}, mayBeOlder = false): Promise<void> {
    const file = machine.at("bundle");
    await writeFile(file, bundle({ signer, ...recipe }));
    updates.install({ file, mayBeOlder, reboot: true });
    await updates.ended();
  }

  const standing = (): readonly unknown[] => {
    const { phase, slot, runningVersion, error } = updates.snapshot();
    return [phase, slot, runningVersion, error?.code ?? null];
  };

  /** Seconds of a machine that mines well. */
  async function mine(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      machine.health = { ...machine.health, accepted: machine.health.accepted + 1 };
      await machine.manual.advance(1000);
      await updates.ended();
    }
  }

  it("writes the other slot, tries it once, and keeps it when it has proved itself", async () => {
    const before = await readFile(machine.at("a"));
    await install();
    deepEqual(standing(), ["staged", "a", "1.0.0", null]);
    equal(machine.reboots, 1);
    deepEqual((await readFile(machine.at("b"))).subarray(0, IMAGE.length), IMAGE);
    deepEqual(await readFile(machine.at("a")), before);
    equal(await booted(), "b");
    deepEqual(standing(), ["trial", "b", "2.0.0", null]);
    throws(() => updates.install({ url: "http://x/y", mayBeOlder: true, reboot: true }), {
      code: "UPDATE_UNCONFIRMED",
    });
    await mine(15);
    deepEqual(standing(), ["idle", "b", "2.0.0", null]);
    deepEqual(updates.status().floor, "1.0.0");
    deepEqual(updates.status().last?.outcome, "confirmed");
    equal(await booted(), "b");
    deepEqual(standing(), ["idle", "b", "2.0.0", null]);
  });

  it("goes on with a download after the program was started again", async () => {
    const url = "https://maker.example/bundle";
    const whole = bundle({ signer });
    const half = whole.subarray(0, whole.length / 2);
    const etag = '"1"';
    let isWritten: () => void = () => undefined;
    const written = new Promise<void>((resolve) => (isWritten = resolve));
    const breaksOff: typeof fetch = (_, init) => {
      const body = new ReadableStream<Uint8Array>(
        {
          start: (controller) => {
            init?.signal?.addEventListener("abort", () => {
              controller.error(init.signal?.reason);
            });
            controller.enqueue(half);
          },
          // More is wanted once the half is on disk.
          pull: () => {
            isWritten();
          },
        },
        { highWaterMark: 0 },
      );
      return Promise.resolve(new Response(body, { headers: { etag } }));
    };
    await updates.stop();
    updates = await machine.open({ fetch: breaksOff });
    updates.install({ url, mayBeOlder: false, reboot: true });
    await written;
    await updates.stop();
    const asked: unknown[] = [];
    const goesOn: typeof fetch = (_, init) => {
      asked.push(init?.headers);
      const rest = whole.subarray(half.length);
      const range = `bytes ${String(half.length)}-${String(whole.length - 1)}/${String(whole.length)}`;
      const headers = { etag, "content-range": range };
      return Promise.resolve(new Response(new Uint8Array(rest), { status: 206, headers }));
    };
    updates = await machine.open({ fetch: goesOn });
    await updates.ended();
    deepEqual(asked, [{ range: `bytes=${String(half.length)}-`, "if-range": etag }]);
    deepEqual(standing(), ["staged", "a", "1.0.0", null]);
    deepEqual((await readFile(machine.at("b"))).subarray(0, IMAGE.length), IMAGE);
  });

  it("goes back to the former by itself when no share is accepted in time", async () => {
    await install();
    await booted();
    await machine.manual.advance(59_000);
    equal(machine.reboots, 1);
    await machine.manual.advance(5000);
    await mine(1);
    equal(machine.reboots, 2);
    equal(await booted(), "a");
    deepEqual(standing(), ["idle", "a", "1.0.0", "UPDATE_ROLLED_BACK"]);
    equal(updates.status().slots.b, null);
  });

  it("goes back when the power fails in the trial, and when the program starts again and again", async () => {
    await install();
    equal(await booted(), "b");
    equal(await booted(), "a");
    deepEqual(standing(), ["idle", "a", "1.0.0", "UPDATE_ROLLED_BACK"]);
    await install();
    await booted();
    for (let starts = 0; starts < 3; starts += 1) {
      await updates.stop();
      updates = await machine.open();
    }
    const { reboots } = machine;
    await mine(1);
    equal(machine.reboots, reboots + 1);
    equal(await booted(), "a");
  });

  it("counts nothing against a version whose machine its owner has stopped", async () => {
    await install();
    await booted();
    machine.health = { ...machine.health, isWanted: false, state: "curtailed" };
    await mine(1);
    await machine.manual.advance(3_600_000);
    equal(updates.status().trial?.lacks, "an order to mine");
    equal(machine.reboots, 1);
    await updates.confirm("owner");
    equal(await booted(), "b");
  });

  it("raises the floor with what is confirmed, and takes nothing below it, former version included", async () => {
    await install({ version: "2.0.0", floor: "2.0.0" });
    await booted();
    await updates.confirm("owner");
    await install({ version: "1.9.0" }, true);
    deepEqual(standing(), ["idle", "b", "2.0.0", "UPDATE_BELOW_FLOOR"]);
    await rejects(updates.rollback("owner"), { code: "UPDATE_BELOW_FLOOR" });
    await writeFile(machine.at("update/state.json"), "damaged");
    await writeFile(machine.at("update/state.json.previous"), "damaged");
    await booted();
    equal(updates.status().floor, "1.0.0");
    equal(machine.troubles.length > 0, true);
  });

  it("goes back to the former version when its owner says so, and that is tried too", async () => {
    await install();
    await booted();
    await updates.confirm("owner");
    await rejects(updates.confirm("owner"), { code: "UPDATE_NOTHING" });
    await updates.rollback("owner");
    equal(await booted(), "a");
    deepEqual(standing(), ["trial", "a", "1.0.0", null]);
  });

  it("tells what a slot reads back that was not written, and never tries it", async () => {
    const openSlot = async (
      path: string,
      flags: number,
    ): Promise<Awaited<ReturnType<typeof open>>> => {
      if (flags === 0) await writeFile(path, Buffer.alloc(8192));
      return open(path, flags);
    };
    await booted({ openSlot });
    await install();
    deepEqual(standing(), ["idle", "a", "1.0.0", "UPDATE_SLOT_DIFFERS"]);
    equal(await booted(), "a");
  });

  it("tells a slot that cannot be written, and a data directory that is full", async () => {
    const openSlot = (): Promise<never> =>
      Promise.reject(Object.assign(new Error("no"), { code: "EIO" }));
    await booted({ openSlot });
    await install();
    equal(standing()[3], "UPDATE_SLOT_UNWRITABLE");
    const answer = new Response(bundle({ signer }), { headers: { "content-length": "9" } });
    await booted({ fetch: () => Promise.resolve(answer), freeBytes: () => Promise.resolve(1000) });
    updates.install({ url: "http://x/y", mayBeOlder: false, reboot: true });
    await updates.ended();
    equal(standing()[3], "UPDATE_NO_SPACE");
  });

  it("takes back what waits to be tried", async () => {
    await install();
    await updates.cancel();
    await rejects(updates.cancel(), { code: "UPDATE_NOTHING" });
    equal(await booted(), "a");
    deepEqual(standing(), ["idle", "a", "1.0.0", null]);
  });

  it("keeps a damaged choice aside and goes on with what runs", async () => {
    await install();
    await writeFile(machine.at("boot/slots.env"), "ACTIVE=c\n");
    await booted();
    equal(machine.troubles[0]?.code, "UPDATE_CHOICE_UNREADABLE");
    await writeFile(machine.at("slot"), "x");
    await rejects(machine.open(), { code: "UPDATE_SLOT_UNKNOWN" });
    await writeFile(machine.at("slot"), "a");
  });

  it("trusts the owner's key, and the maker's no more when the owner says so", async () => {
    const own = new Signer("00ff00ff00ff00ff");
    await rejects(updates.keys.remove(signer.id, false), { code: "KEY_IS_LAST" });
    await updates.keys.add(own.publicText, "mine");
    await updates.keys.remove(signer.id, false);
    await booted();
    deepEqual(
      updates.keys.list().map(({ id, by }) => [id, by]),
      [[own.id, "owner"]],
    );
    await install();
    equal(standing()[3], "UPDATE_KEY_UNKNOWN");
    await install({ signer: own });
    equal(standing()[0], "staged");
    await updates.keys.add(signer.publicText, "");
    deepEqual(updates.keys.list().length, 2);
    await rejects(updates.keys.remove("0", false), { code: "KEY_UNKNOWN" });
    notEqual(updates.keys.list()[0]?.by, "owner");
  });
});
