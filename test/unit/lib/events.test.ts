import { deepEqual } from "node:assert/strict";
import { TypedEmitter } from "../../../src/lib/events.js";

interface Events {
  line: [text: string, number: number];
  end: [];
}

describe("TypedEmitter", () => {
  const heard: string[] = [];
  let emitter: TypedEmitter<Events>;

  beforeEach(() => {
    heard.length = 0;
    emitter = new TypedEmitter<Events>();
  });

  it("calls listeners in the order they were added", () => {
    emitter.on("line", (text, number) => heard.push(`first ${text} ${number}`));
    emitter.on("line", (text) => heard.push(`second ${text}`));
    emitter.on("end", () => heard.push("end"));
    emitter.emit("line", "a", 1);
    deepEqual(heard, ["first a 1", "second a"]);
  });

  it("stops calling a listener that was taken away", () => {
    const stop = emitter.on("end", () => heard.push("gone"));
    emitter.on("end", () => heard.push("stays"));
    stop();
    emitter.emit("end");
    deepEqual(heard, ["stays"]);
  });

  it("lets a listener take itself away while it is called", () => {
    const stop = emitter.on("end", () => {
      heard.push("once");
      stop();
    });
    emitter.on("end", () => heard.push("always"));
    emitter.emit("end");
    emitter.emit("end");
    deepEqual(heard, ["once", "always", "always"]);
  });

  it("does nothing when nobody listens", () => {
    emitter.emit("end");
    deepEqual(heard, []);
  });
});
