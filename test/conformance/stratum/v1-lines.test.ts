import { deepEqual, equal, fail, ok } from "node:assert/strict";
import { MAINNET } from "../../../src/bitcoin/network.js";
import { hex32, toHex } from "../../../src/lib/bytes.js";
import { LineReader } from "../../../src/pool/stratum-v1/line-reader.js";
import {
  type PoolCall,
  type PoolMessage,
  isUsableExtranonce,
  parseLine,
} from "../../../src/pool/stratum-v1/messages.js";
import { classifyReject } from "../../../src/pool/stratum-v1/reject-reason.js";
import { resultLine, unknownMethodLine } from "../../../src/pool/stratum-v1/requests.js";
import {
  parseConfigureResult,
  parseSubscribeResult,
} from "../../../src/pool/stratum-v1/responses.js";
import { loadVectors } from "../../fixtures/stratum/load-vectors.js";

interface LineCase {
  readonly id: string;
  readonly raw: string;
  readonly expect: LineExpectation;
}

interface LineExpectation {
  readonly kind: "response" | "notification" | "request" | "ignored" | "malformed";
  readonly id?: number;
  readonly ok?: boolean;
  readonly code?: number | null;
  readonly reason?: string | null;
  readonly reason_class?: string;
  readonly configure?: { readonly version_rolling: boolean; readonly mask: string | null };
  readonly subscribe?: { readonly extranonce1: string; readonly extranonce2_size: number };
  readonly method?: string;
  readonly reply?: unknown;
  readonly difficulty?: number;
  readonly job_id?: string | number;
  readonly clean_jobs?: boolean;
  readonly extranonce1?: string;
  readonly extranonce2_size?: number;
  readonly mask?: string;
  readonly host?: string;
  readonly port?: number;
  readonly wait?: number;
  readonly text?: string;
}

function checkResponse(message: PoolMessage, expected: LineExpectation): void {
  if (message.kind !== "response") return fail(`is ${message.kind}`);
  const { response } = message;
  equal(response.id, expected.id);
  equal(response.isOk, expected.ok);
  if (expected.ok === false) {
    equal(response.errorCode ?? null, expected.code);
    equal(response.errorText ?? null, expected.reason);
    equal(classifyReject(response.errorText, response.errorCode), expected.reason_class);
  }
  if (expected.configure !== undefined) {
    const { versionMask } = parseConfigureResult(response);
    equal(versionMask !== undefined, expected.configure.version_rolling);
    equal(versionMask === undefined ? null : hex32(versionMask), expected.configure.mask);
  }
  if (expected.subscribe !== undefined) {
    const subscribed = parseSubscribeResult(response) ?? fail("no subscription");
    equal(toHex(subscribed.extranonce1), expected.subscribe.extranonce1);
    equal(subscribed.extranonce2Size, expected.subscribe.extranonce2_size);
    ok(isUsableExtranonce(subscribed.extranonce1, subscribed.extranonce2Size));
  }
}

/** The named values of a call in the words of the vectors. */
function named(call: PoolCall): Readonly<Record<string, unknown>> {
  switch (call.method) {
    case "mining.notify":
      return { job_id: call.job.jobId, clean_jobs: call.job.cleanJobs };
    case "mining.set_difficulty":
      return { difficulty: call.difficulty };
    case "mining.set_extranonce":
      return { extranonce1: toHex(call.extranonce1), extranonce2_size: call.extranonce2Size };
    case "mining.set_version_mask":
      return { mask: hex32(call.mask) };
    case "client.reconnect":
      return { host: call.host, port: call.port, wait: call.waitS };
    case "client.show_message":
      return { text: call.text };
    default:
      return {};
  }
}

function checkNotification(message: PoolMessage, expected: LineExpectation): void {
  if (message.kind !== "call") return fail(`is ${message.kind}`);
  equal(message.call.method, expected.method);
  const actual = named(message.call);
  const wanted = Object.entries(expected).filter(([name]) => name in actual);
  ok(wanted.length > 0);
  for (const [name, value] of wanted) deepEqual(actual[name], value, name);
}

function checkRequest(message: PoolMessage, expected: LineExpectation): void {
  if (message.kind !== "call" && message.kind !== "unknown-call") return fail(message.kind);
  const { id = fail("no id") } = message;
  const line = message.kind === "call" ? resultLine(id, "pong") : unknownMethodLine(id);
  equal(message.kind === "call" ? message.call.method : message.method, expected.method);
  deepEqual(JSON.parse(line), expected.reply);
}

/** Whether the client would close the connection over this message. */
function closes(message: PoolMessage): boolean {
  if (message.kind === "malformed") return true;
  const subscribed =
    message.kind === "response" ? parseSubscribeResult(message.response) : undefined;
  return (
    subscribed === undefined ||
    !isUsableExtranonce(subscribed.extranonce1, subscribed.extranonce2Size)
  );
}

describe("Stratum V1 lines (vectors v1-lines)", () => {
  for (const { id, raw, expect } of loadVectors<LineCase>("v1-lines"))
    it(`takes ${id} for ${expect.kind}`, () => {
      const { lines } = new LineReader().push(Buffer.from(`${raw}\n`));
      const [line] = lines;
      if (line === undefined) {
        equal(expect.kind, "ignored");
        return;
      }
      const message = parseLine(line, MAINNET);
      if (expect.kind === "response") checkResponse(message, expect);
      else if (expect.kind === "notification") checkNotification(message, expect);
      else if (expect.kind === "request") checkRequest(message, expect);
      else if (expect.kind === "ignored") equal(message.kind, "ignored");
      else ok(closes(message));
    });

  it("has every case of the file", () => {
    equal(loadVectors<LineCase>("v1-lines").length, 52);
  });
});

interface FramingCase {
  readonly id: string;
  readonly chunks: readonly string[];
  readonly lines: number;
  readonly pending?: number;
}

describe("Stratum V1 framing (vectors v1-framing)", () => {
  for (const { id, chunks, lines, pending } of loadVectors<FramingCase>("v1-framing"))
    it(`cuts ${id}`, () => {
      const reader = new LineReader();
      const read = chunks.flatMap((chunk) => reader.push(Buffer.from(chunk)).lines);
      equal(read.length, lines);
      equal(reader.pendingBytes, pending ?? 0);
    });
});
