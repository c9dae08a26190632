export * from './calls.ts';
export * from './value.ts';
