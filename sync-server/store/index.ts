/** The door of storage (`#store`): the ports, the disk implementation and the one in memory. */
export * from './ports.ts';
export { openAppendLog } from './appendLog.ts';
export type { AppendLogOptions } from './appendLog.ts';
export { openChunks } from './chunks.ts';
export { createDocuments } from './documents.ts';
export type { DocumentsOptions } from './documents.ts';
export { readLogDir } from './logFolder.ts';
export type { LogFlaw } from './logFolder.ts';
