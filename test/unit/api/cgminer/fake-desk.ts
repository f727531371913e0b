import type { CommandAnswer } from "../../../../src/app/commands/command-answer.js";
import type { CommandDesk, CommandRequest } from "../../../../src/app/commands/command-desk.js";

const POOLS = ["pool-0", "pool-1", "pool-2"].map((name) => ({
  ...{ name, url: `stratum+tcp://${name}:3333`, user: "u", group: "main", hasPassword: true },
}));

/** Keeps what it is told, and does it. */
export class FakeDesk implements Pick<CommandDesk, "give"> {
  readonly heard: CommandRequest[] = [];
  refusal: string | undefined;
  pools: readonly object[] = POOLS;
  groups: readonly object[] = [{ name: "main", quota: 1 }];

  /** Orders without what only asks. */
  get orders(): readonly (readonly [string, unknown])[] {
    return this.heard
      .filter(({ name }) => name !== "pools.list")
      .map(({ name, params }) => [name, params] as const);
  }

  give(request: CommandRequest): Promise<CommandAnswer> {
    const { id, name } = request;
    this.heard.push(request);
    if (name === "pools.list") {
      const result = { revision: "r1", pools: this.pools, groups: this.groups, status: [] };
      return Promise.resolve({ id, is: "done", result });
    }
    if (this.refusal === undefined) return Promise.resolve({ id, is: "done", result: {} });
    const code = "COMMAND_REFUSED" as const;
    return Promise.resolve({ id, is: "refused", code, message: this.refusal, context: {} });
  }
}
