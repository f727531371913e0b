import * as z from "zod/mini";
import { ControlBoardFile } from "./control-board.js";
import { HashboardFile } from "./hashboard.js";
import { MachineFile } from "./machine.js";
import { PowerSupplyFile } from "./power-supply.js";

export { ControlBoardFile, HashboardFile, MachineFile, PowerSupplyFile };

/** The folders of boards/ and what their files hold. */
export const FILE_KINDS = {
  machines: MachineFile,
  hashboards: HashboardFile,
  "control-boards": ControlBoardFile,
  "power-supplies": PowerSupplyFile,
} as const;
export type FileKind = keyof typeof FILE_KINDS;

/** JSON Schema of all kinds of files, for editors: the text of boards/schema.json. */
export function boardsSchemaText(): string {
  const kinds = Object.entries(FILE_KINDS);
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Headframe hardware data",
    anyOf: kinds.map(([kind]) => ({ $ref: `#/$defs/${kind}` })),
    $defs: Object.fromEntries(kinds.map(([kind, file]) => [kind, z.toJSONSchema(file)])),
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
