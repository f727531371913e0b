const PREAMBLE = [0x55, 0xaa] as const;
/** LEN itself, CMD and the two bytes of the sum. */
const REQUEST_OVERHEAD = 4;
const DONE = 0x01;
/** The one long reply without the byte for done: LEN CMD VERSION SUMHI SUMLO. Captured. */
const VERSION_COMMAND = 0x17;
/** LEN CMD 01 SUMHI SUMLO, and nothing more; the reply with a version has as many. */
const MIN_LONG_REPLY = 5;
const MAX_LONG_REPLY = 64;

/** `55 AA LEN CMD data SUMHI SUMLO`: LEN = data + 4, sum of LEN to data, high byte first. Captured on an S19 Pro. */
export function requestFrame(command: number, data: readonly number[] = []): Uint8Array {
  const body = [data.length + REQUEST_OVERHEAD, command, ...data];
  const sum = sumOf(body);
  return Uint8Array.of(...PREAMBLE, ...body, sum >> 8, sum & 0xff);
}

/**
 * How many bytes a reply has, by its first one: `CMD 01` or `LEN CMD 01 data SUMHI SUMLO`, where LEN counts all of it.
 * Undefined when no reply to that command begins so.
 */
export function replyLength(command: number, first: number): number | undefined {
  if (first === command) return 2;
  return first >= MIN_LONG_REPLY && first <= MAX_LONG_REPLY ? first : undefined;
}

/** The data of a whole reply; undefined when it is damaged, refuses or answers something else. */
export function replyData(command: number, reply: Uint8Array): Uint8Array | undefined {
  if (reply.length === 2)
    return reply[0] === command && reply[1] === DONE ? new Uint8Array() : undefined;
  const [length, answered, done] = reply;
  const sum = sumOf([...reply.subarray(0, -2)]);
  const isWhole =
    reply.length >= MIN_LONG_REPLY &&
    length === reply.length &&
    answered === command &&
    reply.at(-2) === sum >> 8 &&
    reply.at(-1) === (sum & 0xff);
  if (!isWhole) return undefined;
  if (command === VERSION_COMMAND) return reply.slice(2, -2);
  return done === DONE ? reply.slice(3, -2) : undefined;
}

function sumOf(bytes: readonly number[]): number {
  return bytes.reduce((sum, value) => sum + value, 0) & 0xffff;
}
