import { deepEqual, equal, ok } from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { makeAuthority } from "../../../../certificates.js";
import { RawMiner } from "../raw-miner.js";
import { becomes, submitLine, withMiner, withQuietPool } from "./fault-rig.js";
import { OPENING, PlainClient } from "./plain-client.js";

describe("faults of the connection to a test pool", () => {
  it("down: ends connections, refuses new ones, and has its old port when it is cleared", async () => {
    await withMiner(async ({ pool, miner }) => {
      const { port } = pool;
      await pool.fault({ name: "down" });
      await miner.closed;
      const refused = new PlainClient(port);
      await refused.over;
      equal(refused.bytes.length, 0);
      await pool.clear("down");
      await RawMiner.open(port);
      equal(pool.port, port);
    });
  });

  it("flapping: down and up in turn", async () => {
    await withMiner(async ({ pool, clock, miner }) => {
      await pool.fault({ name: "flapping", downS: 20, upS: 30 });
      await miner.closed;
      await new PlainClient(pool.port).over;
      equal(pool.stats().connectionsTotal, 1);
      await clock.advance(20_000);
      const second = await RawMiner.open(pool.port);
      await clock.advance(29_999);
      equal(pool.stats().connections, 1);
      await clock.advance(1);
      await second.closed;
      await pool.clear();
      await RawMiner.open(pool.port);
      // Its timers are gone with it.
      await clock.advance(100_000);
      equal(pool.stats().connections, 1);
    });
  });

  it("acceptsOnly: new connections stand and hear nothing; old ones go on", async () => {
    await withMiner(async ({ pool, miner }) => {
      await pool.fault({ name: "acceptsOnly" });
      const client = PlainClient.open(pool.port);
      await once(client.socket, "connect");
      equal((await miner.call("mining.extranonce.subscribe", [])).result, true);
      equal(pool.stats().connectionsTotal, 1);
      await pool.clear();
      await client.over;
      equal(client.bytes.length, 0);
    });
  });

  it("resetOnFirstBytes: the answer to the first word is a reset", async () => {
    await withQuietPool(
      async ({ pool }) => {
        const client = PlainClient.open(pool.port);
        equal(await client.over, "reset");
        equal(client.bytes.length, 0);
      },
      {},
      { name: "resetOnFirstBytes" },
    );
  });

  it("endAfterAuthorize: the answer still comes, then a reset or an end", async () => {
    await withQuietPool(async ({ pool }) => {
      for (const how of ["reset", "close"]) {
        await pool.fault({ name: "endAfterAuthorize", how });
        const client = PlainClient.open(pool.port);
        await client.untilText('"id":3');
        // Node.js takes a reset that comes together with bytes for an end.
        await client.over;
      }
    });
  });

  it("endAfterSubmit: the connection ends at a share, unanswered and not booked", async () => {
    await withMiner(async ({ pool, miner, job }) => {
      await pool.fault({ name: "endAfterSubmit" });
      miner.write(submitLine(job, 1, 50));
      await miner.closed;
      equal(pool.stats().accepted, 0);
      ok(!miner.lines.some(({ id }) => id === 50));
    });
  });

  it("cutLine: a job begins and never ends", async () => {
    await withQuietPool(
      async ({ pool }) => {
        const client = PlainClient.open(pool.port);
        await client.over;
        const last = client.text.split("\n").at(-1) ?? "";
        ok(last.startsWith('{"params":["'));
        deepEqual(client.notifications("mining.notify"), []);
      },
      {},
      { name: "cutLine" },
    );
  });

  it("cutLine: cuts off those that are there already", async () => {
    await withMiner(async ({ pool, clock, miner }) => {
      await pool.fault({ name: "cutLine" });
      await clock.advance(1);
      await miner.closed;
    });
  });

  it("idleKick: who sends nothing is closed, who sends shares stays", async () => {
    await withMiner(async ({ pool, clock, miner, job }) => {
      const idle = await RawMiner.open(pool.port);
      await pool.fault({ name: "idleKick", afterS: 10 });
      await clock.advance(6000);
      miner.write(submitLine(job, 1, 50));
      await miner.answer(50);
      await clock.advance(6000);
      await idle.closed;
      equal(pool.stats().connections, 1);
    });
  });

  it("certificate: another one is shown, and the own one again afterwards", async () => {
    const authority = await makeAuthority();
    const stranger = await makeAuthority("Somebody else");
    const good = await authority.issue({ ips: ["127.0.0.1"] });
    const bad = await stranger.issue({ ips: ["127.0.0.1"] });
    const tls = {
      ...{ key: good.keyPem, cert: good.certPem },
      others: { bad: { key: bad.keyPem, cert: bad.certPem } },
    };
    await withQuietPool(
      async ({ pool }) => {
        ok(pool.url.startsWith("stratum+ssl://"));
        const shown = async (): Promise<string | undefined> => {
          const socket = connectTls({
            port: pool.port,
            host: "127.0.0.1",
            rejectUnauthorized: false,
          });
          await once(socket, "secureConnect");
          const { fingerprint256 } = socket.getPeerCertificate();
          socket.destroy();
          return fingerprint256.replaceAll(":", "").toLowerCase();
        };
        equal(await shown(), good.sha256);
        await pool.fault({ name: "certificate", which: "bad" });
        equal(await shown(), bad.sha256);
        await pool.clear();
        equal(await shown(), good.sha256);
      },
      { tls },
    );
  });

  it("serves whole sessions over TLS", async () => {
    const authority = await makeAuthority();
    const { keyPem: key, certPem: cert } = await authority.issue({ ips: ["127.0.0.1"] });
    await withQuietPool(
      async ({ pool }) => {
        const socket = connectTls({ port: pool.port, host: "127.0.0.1", ca: authority.certPem });
        let text = "";
        socket.on("data", (bytes: Buffer) => (text += bytes.toString()));
        socket.write(OPENING);
        await becomes(() => text.includes('"id":3') && text.includes("mining.notify"));
        socket.destroy();
      },
      { tls: { key, cert } },
    );
  });

  for (const [name, what] of [
    ["resetOnFirstBytes", "a reset"],
    ["plainText", "plain text"],
  ] as const)
    it(`${name}: the answer to the handshake of TLS is ${what}`, async () => {
      const authority = await makeAuthority();
      const { keyPem: key, certPem: cert } = await authority.issue({ ips: ["127.0.0.1"] });
      await withQuietPool(
        async ({ pool }) => {
          const client = new PlainClient(pool.port);
          // The first bytes of a ClientHello.
          client.write("\u0016\u0003\u0001");
          const end = await client.over;
          if (name === "plainText") ok(client.text.includes("client.show_message"));
          else equal(end, "reset");
          equal(pool.stats().connectionsTotal, 0);
        },
        { tls: { key, cert } },
        { name },
      );
    });
});
