import { type ReadonlySignal, signal, type Signal } from '@preact/signals';

/** Values by key, each to be followed: a signal is kept while somebody reads it, a value until it is forgotten. */
export class SignalMap<T> {
  private readonly values = new Map<string, T>();
  private readonly signals = new Map<string, Signal<T | null>>();
  private readonly changed = new Set<string>();

  /** @param onChange told of every change; `publish` shows it to those who read */
  constructor(private readonly onChange: () => void) {}

  get(key: string): T | null {
    return this.values.get(key) ?? null;
  }

  entries(): [string, T][] {
    return [...this.values];
  }

  /** Keeps a value; null forgets it. */
  set(key: string, value: T | null): void {
    if (value === null) this.values.delete(key);
    else this.values.set(key, value);
    this.changed.add(key);
    this.onChange();
  }

  /** Puts what changed since it was last called into the signals. */
  publish(): void {
    for (const key of this.changed) {
      const found = this.signals.get(key);
      if (found !== undefined) found.value = this.get(key);
    }
    this.changed.clear();
  }

  /** The value of a key as last published; null while there is none. */
  signalOf(key: string): ReadonlySignal<T | null> {
    const found = this.signals.get(key);
    if (found !== undefined) return found;
    const made = signal<T | null>(this.get(key), {
      unwatched: () => {
        if (this.signals.get(key) === made) this.signals.delete(key);
      },
    });
    this.signals.set(key, made);
    return made;
  }
}
