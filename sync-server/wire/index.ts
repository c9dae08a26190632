export * from './ackedSocket.ts';
export * from './calls.ts';
export * from './frames.ts';
export * from './value.ts';
