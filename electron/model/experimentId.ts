/** Ids of experiments: digits, as MLflow clients expect, and the same on every laptop that means the same name. */
import { encodeUtf8 } from 'lib0/string';
import { digest } from 'lib0/hash/sha256';
import { defaultExperimentId } from './experimentRow.ts';

/**
 * The id of an experiment of that name: 18 digits out of the SHA-256 of the name, so that two laptops that are offline
 * mean one experiment once they meet. When `taken` says that the id belongs to another name, the next one is tried.
 */
export function experimentIdOf(name: string, taken: (id: string) => boolean): string {
  if (name === 'Default' && !taken(defaultExperimentId)) return defaultExperimentId;
  for (let attempt = 0; ; attempt += 1) {
    const hash = digest(encodeUtf8(attempt === 0 ? name : `${name}\n${attempt}`));
    let number = 0n;
    for (const byte of hash.subarray(0, 16)) number = (number << 8n) | BigInt(byte);
    const id = (10n ** 17n + (number % (9n * 10n ** 17n))).toString();
    if (!taken(id)) return id;
  }
}
