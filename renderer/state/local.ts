/** Small JSON values kept on this machine for this browser profile: looks and layout, never data. */

/** The value stored under `key`, or `fallback` when there is none, it is damaged, or storage is forbidden. */
export function readLocal<T>(storage: Storage | undefined, key: string, fallback: T): T {
  try {
    const text = storage?.getItem(key);
    if (text == null) return fallback;
    const value: unknown = JSON.parse(text);
    return value === null || typeof value !== typeof fallback ? fallback : (value as T);
  } catch {
    return fallback;
  }
}

/** Stores a value; a full or forbidden storage only costs the memory of a layout. */
export function writeLocal(storage: Storage | undefined, key: string, value: unknown): void {
  try {
    storage?.setItem(key, JSON.stringify(value));
  } catch {
    // Private windows and full quotas refuse; nothing that matters is lost.
  }
}
