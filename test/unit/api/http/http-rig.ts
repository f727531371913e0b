import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ha1Of } from "../../../../src/api/cgi/digest.js";
import { StockPages } from "../../../../src/api/cgi/stock-pages.js";
import { createApp, createDebugApp, type Bindings } from "../../../../src/api/http/app.js";
import type { ApiParts } from "../../../../src/api/http/api-parts.js";
import { AccessBook } from "../../../../src/api/http/auth/access-book.js";
import { GuessLimit } from "../../../../src/api/http/auth/guess-limit.js";
import { Sessions } from "../../../../src/api/http/auth/sessions.js";
import { SetupCode } from "../../../../src/api/http/auth/setup-code.js";
import type { HttpScope } from "../../../../src/api/http/auth/scopes.js";
import { EventStreams } from "../../../../src/api/http/event-stream.js";
import { ownNames } from "../../../../src/api/http/own-names.js";
import type { CommandAnswer } from "../../../../src/app/commands/command-answer.js";
import type { CommandRequest } from "../../../../src/app/commands/command-desk.js";
import { type Config, parseConfig } from "../../../../src/app/config.js";
import { Http, type PublicPart } from "../../../../src/app/http-config.js";
import type { JournalEvent } from "../../../../src/app/kept/journal.js";
import { ALLOWABLE_NAMES } from "../../../../src/boards/obstacles.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { MinerError, type ErrorCode } from "../../../../src/lib/errors.js";
import { TypedEmitter } from "../../../../src/lib/events.js";
import { createLogger, type Logger } from "../../../../src/lib/logger.js";
import type { MinuteRecord } from "../../../../src/telemetry/history-records.js";
import type { Snapshot } from "../../../../src/telemetry/snapshot.js";
import { chain, pool, snapshot } from "../../commands/watch-snapshot.js";
import { vectorPicture } from "../cgminer/vector-picture.js";

export const PASSWORD = "correct horse battery";
/** A test does not wait for what is slow on purpose. */
const LITTLE_WORK = { N: 16, r: 1, p: 1 };
const ADDRESS = "192.0.2.7";

interface Wish {
  readonly public?: readonly PublicPart[];
  /** With the pages of stock machines, which show the invented miner of the vectors. */
  readonly stockPages?: boolean;
}

interface Made extends Pick<ApiParts, "dataDir" | "access" | "setupCode"> {
  readonly clock: ManualClock;
  readonly log: Logger;
  readonly wish: Wish;
}

type Order = Pick<CommandRequest, "name" | "params" | "by" | "id">;

/** The interface without sockets, the desk and the history under the test's hand. */
export class HttpRig {
  readonly dataDir: string;
  readonly clock: ManualClock;
  readonly access: AccessBook;
  /** That the data directory holds. */
  readonly code: string;
  readonly seconds = new TypedEmitter<{ second: [Snapshot]; minute: [MinuteRecord] }>();
  readonly journal = new TypedEmitter<{ added: [JournalEvent] }>();
  /** What the desk was told. */
  readonly orders: Order[] = [];
  /** Command and who gave it, as they were written down. */
  readonly written: string[] = [];
  /** What the desk answers, by command; an error refuses. */
  readonly answers: Record<string, unknown> = {};
  /** The desk refuses everything with it. */
  refuses: MinerError | undefined;
  latest = snapshot([chain(0, [100, 101]), chain(1, [100, 0])], [pool("first"), pool("second")]);
  readonly #app: ReturnType<typeof createApp>;
  readonly #debugApp: ReturnType<typeof createApp> | undefined;

  private constructor(made: Made) {
    this.dataDir = made.dataDir;
    this.clock = made.clock;
    this.access = made.access;
    this.code = readFileSync(join(made.dataDir, "setup-code"), "utf8");
    const parts = this.#parts(made);
    const painter = { picture: vectorPicture() };
    const pages = made.wish.stockPages === true ? new StockPages({ ...parts, painter }) : undefined;
    const names = ownNames(parts.http.hosts, "unit");
    this.#app = createApp(parts, names, made.log, pages);
    this.#debugApp = pages && createDebugApp(parts, names, made.log, pages);
  }

  static async start(wish: Wish = {}): Promise<HttpRig> {
    const dataDir = mkdtempSync(join(tmpdir(), "headframe-http-"));
    const clock = new ManualClock();
    const log = createLogger("silent");
    const access = await openAccess(dataDir, clock, wish.stockPages === true);
    const setupCode = await SetupCode.open(dataDir, undefined, log);
    return new HttpRig({ dataDir, clock, log, access, setupCode, wish });
  }

  /** As somebody of this address, with no more than what the test gives. */
  ask(path: string, init: RequestInit = {}, address = ADDRESS): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has("host")) headers.set("host", ADDRESS);
    if (init.body !== undefined && !headers.has("content-type"))
      headers.set("content-type", "application/json");
    return this.#send(this.#app, path, { ...init, headers }, address);
  }

  /** The port beside the pages of stock machines. */
  askDebug(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    if (this.#debugApp === undefined) throw new Error("the rig has no stock pages");
    return this.#send(this.#debugApp, path, { headers: { host: ADDRESS, ...headers } }, ADDRESS);
  }

  #send(
    app: ReturnType<typeof createApp>,
    path: string,
    init: RequestInit,
    remoteAddress: string,
  ): Promise<Response> {
    const env: Bindings = { incoming: { socket: { remoteAddress } } };
    return Promise.resolve(app.fetch(new Request(`http://${ADDRESS}${path}`, init), env));
  }

  /** Sets the password, and gives the headers of a token of this scope. */
  async owned(scope: HttpScope = "own"): Promise<Record<string, string>> {
    if (!this.access.hasPassword) await this.access.setPassword(PASSWORD);
    const { token } = await this.access.addToken("test", scope);
    return { authorization: `Bearer ${token}` };
  }

  /** What a new start would find in the data directory. */
  reopened(withStockPages: boolean): Promise<AccessBook> {
    return openAccess(this.dataDir, this.clock, withStockPages);
  }

  stop(): void {
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  #parts({ dataDir, clock, access, setupCode, wish }: Made): ApiParts {
    const latest = (): Snapshot => this.latest;
    const history = {
      events: this.seconds,
      get latest() {
        return latest();
      },
    };
    const command = (what: string, by: string): void => {
      this.written.push(`${what} by ${by}`);
    };
    const journal = { events: this.journal, command };
    return {
      config: virtualMachine,
      http: Http.parse({ public: wish.public ?? [], hosts: ["miner-7.lan"] }),
      ...{ dataDir, mac: "02:00:5e:10:00:01", history, journal, access, setupCode, clock },
      ...{ sessions: new Sessions(clock), guesses: new GuessLimit(clock) },
      streams: new EventStreams({ history, journal }),
      desk: { give: (request) => this.#give(request) },
    };
  }

  #give({ id, name, params, by }: CommandRequest): Promise<CommandAnswer> {
    this.orders.push({ id, name, params, by });
    const answer = this.refuses ?? this.answers[name];
    if (!(answer instanceof MinerError))
      return Promise.resolve({ id, is: "done", result: answer ?? {} });
    const { code, message, context } = answer;
    return Promise.resolve({ id, is: "refused", code, message, context });
  }
}

function openAccess(
  dataDir: string,
  clock: ManualClock,
  withStockPages: boolean,
): Promise<AccessBook> {
  const onTrouble = (error: Error): void => {
    throw error;
  };
  const digestOf = withStockPages ? ha1Of : undefined;
  return AccessBook.open({ dataDir, clock, onTrouble, work: LITTLE_WORK, digestOf });
}

/** An S19k Pro on virtual hardware. */
export function virtualMachine(): Config {
  const text = JSON.stringify({
    ...{ machine: "s19k-pro", controlBoard: "virtual", allowInferred: ALLOWABLE_NAMES },
    pools: [{ url: "stratum+tcp://a:1", user: "u" }],
  });
  return parseConfig(text, "test");
}

export function refusal(code: ErrorCode): MinerError {
  return new MinerError(code, { by: "the test" });
}

/** Rigs of a suite; each is removed after its test. */
export function httpRigs(): typeof HttpRig.start {
  const rigs: HttpRig[] = [];
  afterEach(() => {
    for (const rig of rigs.splice(0)) rig.stop();
  });
  return async (wish) => {
    const rig = await HttpRig.start(wish);
    rigs.push(rig);
    return rig;
  };
}
