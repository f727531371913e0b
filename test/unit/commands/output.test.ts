import { deepEqual, equal, match } from "node:assert/strict";
import { print, reportFailure, table } from "../../../src/commands/output.js";
import { MinerError } from "../../../src/lib/errors.js";

describe("output of commands", () => {
  const { stdout, stderr, exitCode } = process;
  let written: Record<"stdout" | "stderr", string>;

  /** What `command` writes; the streams are its own only as long as it runs. */
  function capture(command: () => void): typeof written {
    written = { stdout: "", stderr: "" };
    const outWrite = stdout.write.bind(stdout);
    const errorWrite = stderr.write.bind(stderr);
    stdout.write = (text) => (written.stdout += String(text)) !== "";
    stderr.write = (text) => (written.stderr += String(text)) !== "";
    try {
      command();
    } finally {
      stdout.write = outWrite;
      stderr.write = errorWrite;
    }
    return written;
  }

  afterEach(() => {
    process.exitCode = exitCode;
  });

  it("is one JSON document on standard output when JSON is asked for", () => {
    const { stdout: text, stderr: log } = capture(() => {
      print({ a: 1, b: [2] }, { json: true }, () => "for people");
    });
    deepEqual([text, log], ['{"a":1,"b":[2]}\n', ""]);
  });

  it("is text for people otherwise", () => {
    deepEqual(
      capture(() => {
        print({ a: 1 }, {}, () => "for people");
      }),
      { stdout: "for people\n", stderr: "" },
    );
  });

  it("tells a failure as JSON on standard error, with code and facts", () => {
    const { stdout: text, stderr: log } = capture(() => {
      reportFailure(new MinerError("CHAIN_BROKEN", { chip: 3, chain: "chain0" }), true);
    });
    equal(text, "");
    deepEqual(JSON.parse(log), {
      error: { code: "CHAIN_BROKEN", context: { chip: 3, chain: "chain0" } },
    });
    equal(process.exitCode, 1);
  });

  it("tells people what to do about a failure, without a stack", () => {
    const { stderr: log } = capture(() => {
      reportFailure(new MinerError("CONTROL_UNREACHABLE", { socket: "/x" }), false);
    });
    equal(log.split("\n").length, 3);
    match(log, /^CONTROL_UNREACHABLE: .* socket=\/x\n {2}Start headframe run/);
  });

  it("shows the stack of what nobody expected, and names it INTERNAL", () => {
    const { stderr: log } = capture(() => {
      reportFailure(new TypeError("x is not a function"), false);
    });
    match(log, /^INTERNAL: .*x is not a function/);
    match(log, /\n {4}at /);
    const { stderr: json } = capture(() => {
      reportFailure("just text", true);
    });
    deepEqual(JSON.parse(json), {
      error: { code: "INTERNAL", context: { reason: "just text" } },
    });
  });

  it("pads columns to their widest cell and leaves no blanks at the end", () => {
    equal(
      table([
        ["chain", "state", "x"],
        ["0", "bringingUp", ""],
        ["10", "off", "long"],
      ]),
      "chain  state       x\n0      bringingUp\n10     off         long",
    );
    equal(table([]), "");
  });
});
