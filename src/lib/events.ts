type Listeners<Events extends Record<keyof Events, readonly unknown[]>> = {
  [Name in keyof Events]?: Set<(...args: Events[Name]) => void>;
};

/** An emitter whose event names and argument lists are typed by `Events`. */
export class TypedEmitter<Events extends Record<keyof Events, readonly unknown[]>> {
  readonly #listeners: Listeners<Events> = {};

  /** Adds a listener; the returned function takes it away again. */
  on<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): () => void {
    const set = (this.#listeners[name] ??= new Set());
    set.add(listener);
    return () => {
      set.delete(listener);
    };
  }

  isHeard(name: keyof Events): boolean {
    return (this.#listeners[name]?.size ?? 0) > 0;
  }

  /** Calls every listener of `name`, in the order they were added. */
  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    for (const listener of [...(this.#listeners[name] ?? [])]) listener(...args);
  }
}
