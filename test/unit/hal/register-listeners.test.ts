import { deepEqual, equal, rejects } from "node:assert/strict";
import { RegisterListeners } from "../../../src/hal/register-listeners.js";
import { isMinerError } from "../../../src/lib/errors.js";

const answer = (chipAddress: number, register = 0) => ({
  chipAddress,
  register,
  value: 1,
  atUs: 0,
});

describe("register listeners", () => {
  it("gives a single chip's answer at once, also when it came before anybody collected", async () => {
    const listeners = new RegisterListeners("chain0");
    const listener = listeners.listen(4, 0);
    equal(listeners.hear(answer(4)), true);
    deepEqual(await listener.collect(60_000), [answer(4)]);
  });

  it("collects from all chips until there is silence", async () => {
    const listeners = new RegisterListeners("chain0");
    const listener = listeners.listen("all", 0);
    const collected = listener.collect(5);
    listeners.hear(answer(0));
    listeners.hear(answer(2));
    deepEqual(await collected, [answer(0), answer(2)]);
  });

  it("waits for chips too many only shortly when all have answered", async () => {
    const listeners = new RegisterListeners("chain0");
    const collected = listeners.listen("all", 0).collect(60_000, 2);
    listeners.hear(answer(0));
    listeners.hear(answer(2));
    listeners.hear(answer(4));
    deepEqual(await collected, [answer(0), answer(2), answer(4)]);
  });

  it("leaves answers of other chips and registers to others, and none after the end", () => {
    const listeners = new RegisterListeners("chain0");
    const listener = listeners.listen(4, 0);
    equal(listeners.hear(answer(6)), false);
    equal(listeners.hear(answer(4, 8)), false);
    listener.stop();
    equal(listeners.hear(answer(4)), false);
  });

  it("ends a wait with CHAIN_CLOSED, not as silence, when the chain is closed", async () => {
    const listeners = new RegisterListeners("chain0");
    const collected = listeners.listen(4, 0).collect(60_000);
    listeners.close();
    await rejects(collected, (error) => isMinerError(error, "CHAIN_CLOSED"));
  });
});
