/** Payloads of the two document records (lib0 encoding); their fields stand beside `recordType` in `ports.ts`. */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import type { LogRecord } from './ports.ts';
import { recordType } from './ports.ts';

export type DocumentRecord =
  | { kind: 'update'; name: string; update: Uint8Array }
  | { kind: 'snapshot'; name: string; hash: string; covers: number };

export function encodeUpdateRecord(name: string, update: Uint8Array): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarString(encoder, name);
    encoding.writeVarUint8Array(encoder, update);
  });
}

/** `covers`: the snapshot holds every update of this log up to this sequence number. */
export function encodeSnapshotRecord(name: string, hash: string, covers: number): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarString(encoder, name);
    encoding.writeVarString(encoder, hash);
    encoding.writeVarUint(encoder, covers);
  });
}

export function isDocumentRecord(record: LogRecord): boolean {
  return record.type === recordType.documentUpdate || record.type === recordType.documentSnapshot;
}

/** Bytes are copied, so they do not keep a whole segment in memory. Undefined when the payload is malformed. */
export function decodeDocumentRecord(record: LogRecord): DocumentRecord | undefined {
  const decoder = decoding.createDecoder(record.payload);
  try {
    const name = decoding.readVarString(decoder);
    if (record.type === recordType.documentUpdate) return { kind: 'update', name, update: decoding.readVarUint8Array(decoder).slice() };
    return { kind: 'snapshot', name, hash: decoding.readVarString(decoder), covers: decoding.readVarUint(decoder) };
  } catch {
    return undefined;
  }
}
