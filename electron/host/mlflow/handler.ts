/** What the door's calls get to work with: the host's parts, the request's fields, and the exchange they belong to. */
import type { ArtifactReader, Catalog, SeriesReader, Tracking } from '../ports.ts';
import type { Fields } from './fields.ts';

export interface DoorParts {
  catalog: Catalog;
  tracking: Tracking;
  series: SeriesReader;
  artifacts: ArtifactReader;
  /** Told of failures that are mistakes in this program. */
  log?: (message: string) => void;
}

/** What a handler may want of the request beside its fields. */
export interface Exchange {
  /** Equal for a request and its retry. */
  hash(): string;
  /** Calls back when the client was gone before it had the whole answer. */
  onLost(action: () => void): void;
}

/** Answers one call with the JSON to send; undefined fields are left out. */
export type Handler = (fields: Fields, parts: DoorParts, exchange: Exchange) => object | Promise<object>;
