/**
 * Which runs were made for a client that may not know of them. MLflow's client sends a request again when the reply got
 * lost, and a second "create run" must then find the first one's run. But two equal requests may also mean two runs, so
 * a run is found only when its reply is known to be lost, or when the host died right after creating it and nothing was
 * written to the run since; within ten minutes, and once.
 */
import type { RunRow } from '#model';
import type { TrackingParts } from './trackingParts.ts';

export interface ReplyMemory {
  /** The reply that named this run did not reach the client. */
  lost(runId: string): void;
  /** The run that this request made already; forgotten from then on. */
  recall(requestHash: string): RunRow | undefined;
}

const rememberedMs = 10 * 60_000;

export function createReplyMemory({ catalog, hostId, now }: Pick<TrackingParts, 'catalog' | 'hostId' | 'now'>): ReplyMemory {
  /** Run ids by request, of runs whose reply was lost or that an earlier process of this host made. */
  const runIds = new Map<string, string[]>();

  function remember({ hash }: { hash: string }, runId: string): void {
    const known = runIds.get(hash);
    if (known) known.push(runId);
    else runIds.set(hash, [runId]);
  }

  function isRecent({ at }: { at: number }): boolean {
    // Either way: a clock that was set back must not make it remember for days.
    return Math.abs(now() - at) < rememberedMs;
  }

  for (const { record, request } of catalog.runRows()) {
    if (request && record.host === hostId && isRecent(request)) remember(request, record.id);
  }

  return {
    lost(runId) {
      const request = catalog.runRow(runId)?.request;
      if (request) remember(request, runId);
    },
    recall(requestHash) {
      const ids = runIds.get(requestHash) ?? [];
      for (let id = ids.shift(); id !== undefined; id = ids.shift()) {
        const row = catalog.runRow(id);
        if (ids.length === 0) runIds.delete(requestHash);
        if (row?.request && isRecent(row.request) && row.record.deletedAt === undefined && isUntouched(row, catalog)) return row;
      }
      return undefined;
    },
  };
}

/** Nothing was logged to it; tags, status and the like take the request out of the row. */
function isUntouched({ record }: RunRow, catalog: TrackingParts['catalog']): boolean {
  const { id, params, metrics } = record;
  return Object.keys(params).length === 0 && Object.keys(metrics).length === 0 && catalog.artifacts({ kind: 'run', id }).length === 0;
}
