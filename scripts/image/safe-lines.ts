// Writes the lines that the first program of an image sets before anything else, out of the data of a control board: the
// supply's output off, the chains in reset, the fans at full duty.
// usage: safe-lines.ts CONTROL-BOARD
import { defaultBoardsDir, readBoardFile } from "../../src/boards/files.js";
import type { ControlBoardFile } from "../../src/boards/schema/control-board.js";
import { safeLines } from "./safe-lines-text.js";

const [name = ""] = process.argv.slice(2);
const board: ControlBoardFile = readBoardFile(defaultBoardsDir(), "control-boards", name);
process.stdout.write(safeLines(board));
