// Version, number of inputs, and the previous output of a coinbase: no transaction, index ffffffff.
const SCRIPT_LENGTH_AT = 4 + 1 + 32 + 4;
const MAX_HEIGHT_BYTES = 5;
const OP_1 = 0x51;
const OP_16 = 0x60;

/**
 * The block height in a coinbase transaction without witness data, of which the start is enough;
 * undefined when there is none. Documented: BIP34, the script begins with a push of the height.
 */
export function blockHeightOf(coinbaseStart: Uint8Array): number | undefined {
  const scriptLength = coinbaseStart[SCRIPT_LENGTH_AT];
  const opcode = coinbaseStart[SCRIPT_LENGTH_AT + 1];
  if (scriptLength === undefined || opcode === undefined) return undefined;
  if (opcode >= OP_1 && opcode <= OP_16) return opcode - OP_1 + 1;
  const start = SCRIPT_LENGTH_AT + 2;
  const bytes = coinbaseStart.subarray(start, start + opcode);
  if (opcode === 0 || opcode > MAX_HEIGHT_BYTES || bytes.length < opcode) return undefined;
  return Buffer.from(bytes).readUIntLE(0, opcode);
}
