import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";

/**
 * A lookup that asks the system anew each time, but not again while it is still asking for the same name.
 * A question cannot be taken back and holds a thread of the few that libuv has for it; without this a dead
 * name server would collect one for every attempt to connect.
 */
export function makeNameLookup(ask: LookupFunction = lookup): LookupFunction {
  const waiting = new Map<string, Parameters<LookupFunction>[2][]>();
  return (name, options, callback) => {
    const question = JSON.stringify([name, options.family, options.hints, options.all]);
    const others = waiting.get(question);
    if (others !== undefined) {
      others.push(callback);
      return;
    }
    const callbacks = [callback];
    waiting.set(question, callbacks);
    ask(name, options, (...answer) => {
      waiting.delete(question);
      for (const tell of callbacks) tell(...answer);
    });
  };
}
