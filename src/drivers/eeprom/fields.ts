/** Where something stands in a plain region, and how it is read. */
export interface Field<Value extends FieldValue> {
  /** First byte, from the start of the region. */
  readonly at: number;
  readonly length: number;
  readonly read: (bytes: Uint8Array) => Value;
}

export type FieldValue = string | number;
export type Layout = Readonly<Record<string, Field<FieldValue>>>;
export type FieldsOf<SomeLayout extends Layout> = {
  readonly [Name in keyof SomeLayout]: SomeLayout[Name] extends Field<infer Value> ? Value : never;
};

/** Characters up to the first zero byte; what is not printable comes as `\xNN`. */
export function text(at: number, length: number): Field<string> {
  return { at, length, read: readText };
}

export function byte(at: number): Field<number> {
  return { at, length: 1, read: ([value = 0]) => value };
}

export function signedByte(at: number): Field<number> {
  return { at, length: 1, read: ([value = 0]) => (value << 24) >> 24 };
}

export function bigEndian16(at: number): Field<number> {
  return { at, length: 2, read: ([high = 0, low = 0]) => (high << 8) | low };
}

export function littleEndian16(at: number): Field<number> {
  return { at, length: 2, read: ([low = 0, high = 0]) => (high << 8) | low };
}

/** Bytes as hex. */
export function raw(at: number, length: number): Field<string> {
  return { at, length, read: (bytes) => Buffer.from(bytes).toString("hex") };
}

export function readFields<SomeLayout extends Layout>(
  layout: SomeLayout,
  plain: Uint8Array,
): FieldsOf<SomeLayout> {
  const entries = Object.entries(layout).map(([name, { at, length, read }]) => [
    name,
    read(plain.subarray(at, at + length)),
  ]);
  return Object.fromEntries(entries) as FieldsOf<SomeLayout>;
}

/** The bytes of a region that no field of its layout explains. */
export function unexplained(layout: Layout, plain: Uint8Array): { at: number; hex: string }[] {
  const isKnown = new Uint8Array(plain.length);
  for (const { at, length } of Object.values(layout)) isKnown.fill(1, at, at + length);
  const gaps: { at: number; hex: string }[] = [];
  for (let at = isKnown.indexOf(0); at >= 0;) {
    const next = isKnown.indexOf(1, at);
    const end = next < 0 ? plain.length : next;
    gaps.push({ at, hex: Buffer.from(plain.subarray(at, end)).toString("hex") });
    at = isKnown.indexOf(0, end);
  }
  return gaps;
}

export function isPrintable(value: string): boolean {
  return /^[\x20-\x5b\x5d-\x7e]*$/.test(value);
}

function readText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Array.from(end < 0 ? bytes : bytes.subarray(0, end), (code) =>
    code >= 0x20 && code <= 0x7e && code !== 0x5c
      ? String.fromCharCode(code)
      : `\\x${code.toString(16).padStart(2, "0")}`,
  ).join("");
}
