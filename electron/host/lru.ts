/** Values kept while they fit into a number of bytes; the least recently used go first. */
export interface Lru<V> {
  get(key: string): V | undefined;
  /** A value larger than the whole cache is not kept. */
  set(key: string, value: V, bytes: number): void;
  delete(key: string): void;
  /** Bytes held now. */
  readonly bytes: number;
}

export function createLru<V>(maxBytes: number): Lru<V> {
  // A Map iterates in order of insertion: the first entry is the one that was used longest ago.
  const entries = new Map<string, { value: V; bytes: number }>();
  let held = 0;

  function remove(key: string): void {
    held -= entries.get(key)?.bytes ?? 0;
    entries.delete(key);
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, bytes) {
      remove(key);
      if (bytes > maxBytes) return;
      entries.set(key, { value, bytes });
      held += bytes;
      for (const oldest of entries.keys()) {
        if (held <= maxBytes) break;
        remove(oldest);
      }
    },
    delete: remove,
    get bytes() {
      return held;
    },
  };
}
