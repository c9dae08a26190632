/** Reads the beginning of an artifact from the host, and more of it when asked. */
import { useCallback, useEffect, useState } from 'react';
import { messageOf } from '../state/errors.ts';

export interface Head {
  /** Undefined until the first part is there. */
  bytes: Uint8Array | undefined;
  /** Whether that is all of the file. */
  complete: boolean;
  reading: boolean;
  error: string | undefined;
  /** Reads the next part. */
  more(): void;
}

interface Held {
  url: string;
  bytes: Uint8Array | undefined;
  wanted: number;
  error?: string;
}

/**
 * @param size of the file in bytes.
 * @param step bytes to read at a time.
 */
export function useHead(url: string, size: number, step: number): Head {
  const [held, setHeld] = useState<Held>({ url, bytes: undefined, wanted: step });
  const current = held.url === url ? held : { url, bytes: undefined, wanted: step };
  const { bytes, wanted, error } = current;
  const have = bytes?.length ?? 0;

  useEffect(() => {
    if (bytes && have >= Math.min(wanted, size)) return;
    const abort = new AbortController();
    readPart(url, have, Math.min(wanted, size), abort.signal)
      .then((part) => setHeld({ url, wanted, bytes: joined(bytes, part) }))
      .catch((reason: unknown) => {
        if (!abort.signal.aborted) setHeld({ url, wanted: have, bytes, error: messageOf(reason) });
      });
    return () => abort.abort();
  }, [url, size, bytes, have, wanted]);

  const more = useCallback(() => setHeld((old) => ({ ...old, wanted: (old.bytes?.length ?? 0) + step, error: undefined })), [step]);
  return { bytes, complete: have >= size, reading: error === undefined && have < Math.min(wanted, size), error, more };
}

/** Bytes [from, to). Rejects with words for a person. */
async function readPart(url: string, from: number, to: number, signal: AbortSignal): Promise<Uint8Array> {
  if (to <= from) return new Uint8Array();
  const answer = await fetch(url, { headers: { Range: `bytes=${from}-${to - 1}` }, signal });
  if (!answer.ok) throw new Error(await refusalOf(answer));
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return answer.status === 206 ? bytes : bytes.slice(from, to);
}

/** Why the host does not give the bytes, in its own words: deleted, damaged, or still at a teammate's. */
export async function refusalOf(answer: Response): Promise<string> {
  const body: unknown = await answer.json().catch(() => undefined);
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined;
  return typeof message === 'string' && message !== '' ? message : `The host answered ${answer.status} ${answer.statusText}.`;
}

function joined(first: Uint8Array | undefined, second: Uint8Array): Uint8Array {
  if (!first?.length) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
