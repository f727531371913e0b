import type { AccessList } from "../../app/cgminer-access.js";
import { commandOf, type Turn } from "./commands.js";
import { isNewApiName, newApi } from "./new-api.js";
import { type Answer, failure, type Reply } from "./reply.js";
import type { Request } from "./request.js";

type Access = Pick<AccessList, "mayUse">;
type Facts = Omit<Turn, "parameter" | "access"> & {
  readonly list: Access;
  /** Of the group that the client belongs to. */
  readonly letter: string;
};

const INVALID_COMMAND = failure(14, "Invalid command");

/** The answer to one request. */
export async function answerTo(request: Request, facts: Facts): Promise<Answer> {
  if (request.is === "invalidJson") return one(failure(23, "Invalid JSON"));
  if (request.is === "noCommand") return one(failure(24, "Missing JSON 'command'"));
  const { command, parameter, isNewApi } = request;
  const { list, letter, ...parts } = facts;
  const access = (name: string): boolean | undefined =>
    commandOf(name) === undefined && !isNewApiName(name) ? undefined : list.mayUse(letter, name);
  if (isNewApi && isNewApiName(command))
    return one(
      access(command) === true
        ? { is: "object", value: newApi(command, facts.picture) }
        : denied(command),
    );
  const turn = { ...parts, access };
  if (!command.includes("+")) return one(await single(command, { ...turn, parameter }));
  const names = [...new Set(command.split("+").filter((name) => name !== ""))];
  const replies: (readonly [string, Reply])[] = [];
  // Documented: a parameter beside joined commands means nothing.
  for (const name of names)
    replies.push([name, await joined(name, { ...turn, parameter: undefined })]);
  return { is: "joined", replies };
}

function one(reply: Reply): Answer {
  return { is: "one", reply };
}

async function single(name: string, turn: Turn): Promise<Reply> {
  const command = commandOf(name);
  if (command === undefined) return INVALID_COMMAND;
  return turn.access(name) === true ? command.run(turn) : denied(name);
}

async function joined(name: string, turn: Turn): Promise<Reply> {
  return commandOf(name)?.isJoinable === false ? denied(name) : single(name, turn);
}

function denied(name: string): Reply {
  return failure(45, `Access denied to '${name}' command`);
}
