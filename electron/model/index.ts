export * from './experiment.ts';
export * from './run.ts';
export * from './schema.ts';
export * from './series.ts';
