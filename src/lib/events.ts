/** An emitter whose event names and argument lists are typed by `Events`. */
export class TypedEmitter<Events extends Record<keyof Events, readonly unknown[]>> {
  readonly #listeners = new Map<keyof Events, Set<(...args: never[]) => void>>();

  /** Adds a listener; the returned function takes it away again. */
  on<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): () => void {
    let set = this.#listeners.get(name);
    if (set === undefined) this.#listeners.set(name, (set = new Set()));
    set.add(listener);
    return () => {
      set.delete(listener);
    };
  }

  /** Calls every listener of `name`, in the order they were added. */
  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])])
      (listener as (...args: Events[Name]) => void)(...args);
  }
}
