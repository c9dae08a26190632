/**
 * The verbs of tracking, as scripts and pages use them: each resolves when what it did is durable. What goes straight
 * into a document and what is a fact first is told in ports.ts, facts.ts and series.ts.
 */
import { createArtifactVerbs } from './artifacts.ts';
import { createExperimentVerbs } from './experimentVerbs.ts';
import { createModelVerbs } from './modelVerbs.ts';
import type { Tracking } from './ports.ts';
import { createRunVerbs } from './runVerbs.ts';
import type { TrackingParts } from './trackingParts.ts';

/** Call it when the catalog is filled: it remembers requests from before. */
export function createTracking(parts: TrackingParts): Tracking {
  return { ...createExperimentVerbs(parts), ...createRunVerbs(parts), ...createModelVerbs(parts), ...createArtifactVerbs(parts) };
}
