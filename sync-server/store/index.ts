/** The door of storage (`#store`): the ports, the disk implementation, the one in memory, and the check of both. */
export * from './ports.ts';
export { openAppendLog } from './appendLog.ts';
export type { AppendLogOptions } from './appendLog.ts';
export { openChunks } from './chunks.ts';
export type { ChunksOptions } from './chunks.ts';
export { createDocuments } from './documents.ts';
export type { DocumentsOptions } from './documents.ts';
export type { Files } from './files.ts';
export { readLogDir } from './logFolder.ts';
export type { LogFlaw, ReadOptions } from './logFolder.ts';
/** For tests of what is built on the store: a disk that fails, dies and forgets. */
export { createFaultyFiles } from './suites/faultyFiles.ts';
export type { Fault, FaultyFiles, FileOperation } from './suites/faultyFiles.ts';
export { createMemoryChunks, createMemoryLog } from './memory.ts';
export { verifyStore } from './verify.ts';
export type { StoreFlaw, StoreReport } from './verify.ts';
