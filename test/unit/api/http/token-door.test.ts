import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AccessBook } from "../../../../src/api/http/auth/access-book.js";
import { tokenHandlers } from "../../../../src/api/http/auth/token-door.js";
import { ManualClock } from "../../../../src/lib/clock.js";

describe("tokens on the control socket", () => {
  let dataDir: string;
  let access: AccessBook;
  let written: unknown[];

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "headframe-token-door-"));
    access = await AccessBook.open({
      dataDir,
      clock: new ManualClock(),
      onTrouble: () => undefined,
    });
    written = [];
  });

  afterEach(async () => {
    await access.stop();
    rmSync(dataDir, { recursive: true });
  });

  const journal = {
    command: (...facts: unknown[]): void => {
      written.push(facts.slice(0, 2));
    },
  };

  it("are made, told and taken away without a password, and the journal says so", async () => {
    const handlers = tokenHandlers(() => ({ access, journal }));
    const made = (await handlers["tokens.add"]!({ name: "farm", scope: "own" })) as {
      token: string;
      id: string;
    };
    equal(access.findToken(made.token)?.name, "farm");
    const { tokens } = handlers["tokens.list"]!({}) as { tokens: readonly object[] };
    deepEqual(tokens, access.tokens);
    await handlers["tokens.remove"]!({ id: made.id });
    equal(access.findToken(made.token), undefined);
    deepEqual(written, [
      ["http.tokenAdded", "control socket"],
      ["http.tokenRemoved", "control socket"],
    ]);
    await rejects(handlers["tokens.remove"]!({ id: made.id }) as Promise<object>, {
      code: "HTTP_NOT_FOUND",
    });
  });

  it("are refused where HTTP does not listen, and with what is no order", () => {
    const closed = tokenHandlers(() => undefined);
    for (const name of ["tokens.list", "tokens.add", "tokens.remove"])
      throws(() => closed[name]!({}), { code: "HTTP_NOT_STARTED" });
    const handlers = tokenHandlers(() => ({ access, journal }));
    throws(() => handlers["tokens.add"]!({ name: "farm", scope: "all" }), {
      code: "CONTROL_REFUSED",
    });
  });
});
