import type { HttpScope } from "../../../../src/api/http/auth/scopes.js";
import type { Operation } from "./described.js";
import { type HttpRig, PASSWORD } from "./http-rig.js";
import { keepHistory } from "./kept-history.js";
import { ANSWERS, BODIES, PATHS } from "./samples.js";

/** What is other than in the request that the description takes. */
export interface Differences {
  readonly rig?: HttpRig;
  /** Null: nobody. */
  readonly scope?: HttpScope | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** By parameter. */
  readonly path?: Readonly<Record<string, string>>;
  /** With its question mark. */
  readonly query?: string;
  /** As it is sent. */
  readonly text?: string;
  readonly address?: string;
}

/** An operation of the description and a machine to ask. */
export class Scene {
  readonly operation: Operation;
  readonly rig: HttpRig;
  readonly #callers = new Map<string, Record<string, string>>();

  private constructor(operation: Operation, rig: HttpRig) {
    this.operation = operation;
    this.rig = rig;
  }

  /** @param rig without a password */
  static async of(operation: Operation, rig: HttpRig): Promise<Scene> {
    Object.assign(rig.answers, ANSWERS);
    if (operation.path !== "/auth/setup") await rig.access.setPassword(PASSWORD);
    if (operation.path === "/history") await keepHistory(rig);
    return new Scene(operation, rig);
  }

  /** The body of the valid request; undefined: none. */
  get sample(): object | undefined {
    const { path } = this.operation;
    return path === "/auth/setup" ? { code: this.rig.code, password: PASSWORD } : BODIES[path];
  }

  /** Sends the request that the description takes, but for what differs. */
  async ask(differences: Differences = {}): Promise<Response> {
    const { rig = this.rig, headers = {}, query = "", text, address } = differences;
    const { method, "x-scope": needs } = this.operation;
    const { scope = needs === undefined ? null : "own" } = differences;
    const caller = scope === null ? {} : await this.#caller(rig, scope);
    const isRead = method === "get";
    const body = text ?? (this.sample === undefined ? undefined : JSON.stringify(this.sample));
    const at = `/api/v1${await this.#path(differences)}${query}`;
    const init = { method: method.toUpperCase(), headers: { ...caller, ...headers } };
    const sent = !isRead && body !== undefined ? { ...init, body } : init;
    return rig.ask(at, sent, address);
  }

  async #path({ rig = this.rig, path = {} }: Differences): Promise<string> {
    const { path: pattern } = this.operation;
    const names = Object.keys(path);
    if (names.length > 0) return pattern.replace(/\{(\w+)\}/g, (_, name: string) => path[name]!);
    if (pattern !== "/tokens/{id}") return PATHS[pattern] ?? pattern;
    const { listed } = await rig.access.addToken("gone", "read");
    return `/tokens/${listed.id}`;
  }

  async #caller(rig: HttpRig, scope: HttpScope): Promise<Record<string, string>> {
    if (rig !== this.rig) return rig.owned(scope);
    const known = this.#callers.get(scope) ?? (await rig.owned(scope));
    this.#callers.set(scope, known);
    return known;
  }
}
