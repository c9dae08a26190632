/**
 * How large a document may become. Every update is counted as if all of it were new; only when that sum passes a limit
 * is the document measured, which takes a while for a large one.
 */
import * as Y from 'yjs';
import type { Limits } from './guard.ts';

export interface Budget {
  /** Counts an update of so many bytes and structs in, and says whether the document may grow by it. */
  take(bytes: number, structs: number): boolean;
}

export function createBudget(doc: Y.Doc, { documentBytes, documentStructs }: Pick<Limits, 'documentBytes' | 'documentStructs'>): Budget {
  let used: { bytes: number; structs: number } | undefined;

  const fits = (bytes: number, structs: number): boolean =>
    used !== undefined && used.bytes + bytes <= documentBytes && used.structs + structs <= documentStructs;

  return {
    take(bytes, structs) {
      if (!fits(bytes, structs)) used = sizeOf(doc);
      if (!fits(bytes, structs) || !used) return false;
      used.bytes += bytes;
      used.structs += structs;
      return true;
    },
  };
}

function sizeOf(doc: Y.Doc): { bytes: number; structs: number } {
  let structs = 0;
  for (const ofClient of doc.store.clients.values()) structs += ofClient.length;
  return { bytes: Y.encodeStateAsUpdate(doc).length, structs };
}
