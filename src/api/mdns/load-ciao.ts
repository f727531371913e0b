import type Ciao from "@homebridge/ciao";

/**
 * The library, without what it does beside: it has every stack of the program mapped to its sources, which reads
 * megabytes from the disk at the first error, and puts its own function before what the process emits.
 */
export async function loadCiao(): Promise<typeof Ciao> {
  const trace = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  const emit = Object.getOwnPropertyDescriptor(process, "emit");
  // The bundle knows no other export of a CommonJS package.
  const { default: ciao } = await import("@homebridge/ciao");
  restore(Error, "prepareStackTrace", trace);
  restore(process, "emit", emit);
  return ciao;
}

function restore(owner: object, name: string, before: PropertyDescriptor | undefined): void {
  if (before === undefined) Reflect.deleteProperty(owner, name);
  else Object.defineProperty(owner, name, before);
}
