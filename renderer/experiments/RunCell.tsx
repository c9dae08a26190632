/** One value of one run in the table. Absent ones show nothing but a faint dot, so that the eye finds what is there. */
import type { Run } from '#model';
import { formatDuration, formatRelative, formatTime } from '../ui/format.ts';
import { NumberText, useNow } from '../ui/widgets.tsx';
import { isNumeric, shortValue } from './cellText.ts';
import type { PlacedColumn } from './columns.ts';
import type { Extent } from './lines.ts';

export function RunCell({ run, column, extent, now }: { run: Run; column: PlacedColumn; extent?: Extent; now: number }) {
  const style = { left: column.left, width: column.width };
  if (column.kind === 'metric') {
    const metric = run.metrics[column.key];
    const best = metric !== undefined && extent?.best === metric.value;
    return (
      <div role="gridcell" className="cell cell-number" data-best={best || undefined} style={style}>
        {metric ? <NumberText value={metric.value} /> : <Absent />}
        {column.pinned && metric && extent && <Bar value={metric.value} extent={extent} />}
      </div>
    );
  }
  if (column.kind === 'param' || column.kind === 'tag') {
    const value = (column.kind === 'param' ? run.params : run.tags)[column.key];
    return (
      <div role="gridcell" className={`cell ${isNumeric(value) ? 'cell-number' : ''}`} style={style} title={value}>
        {value === undefined ? <Absent /> : <span className="mono tabular">{shortValue(value)}</span>}
      </div>
    );
  }
  return (
    <div role="gridcell" className="cell cell-muted" style={style}>
      <Attribute run={run} name={column.key} now={now} />
    </div>
  );
}

function Attribute({ run, name, now }: { run: Run; name: string; now: number }) {
  switch (name) {
    case 'start_time':
      return run.startedAt ? <time title={formatTime(run.startedAt)}>{formatRelative(run.startedAt, now)}</time> : <Absent />;
    case 'duration':
      return run.endedAt !== undefined ? <span className="tabular">{formatDuration(run.endedAt - run.startedAt)}</span> : run.status === 'RUNNING' && run.startedAt ? <Elapsed since={run.startedAt} /> : <Absent />;
    case 'user_id':
      return run.user ? <span title={run.user}>{run.user}</span> : <Absent />;
    case 'source': {
      const source = run.tags['mlflow.source.name'];
      return source ? <span title={source}>{source.split(/[/\\]/).at(-1)}</span> : <Absent />;
    }
    default:
      return <span>{statusWord(run.status)}</span>;
  }
}

function Elapsed({ since }: { since: number }) {
  const now = useNow(1000);
  return <span className="tabular">{formatDuration(Math.max(0, Math.floor((now - since) / 1000) * 1000))}</span>;
}

function Bar({ value, extent: { min, max } }: { value: number; extent: Extent }) {
  if (!Number.isFinite(value) || max === min) return null;
  return <span className="cell-bar" style={{ transform: `scaleX(${(value - min) / (max - min)})` }} />;
}

function Absent() {
  return <span className="absent" aria-label="none" />;
}

/** `Finished` for `FINISHED`. */
export function statusWord(status: string): string {
  return status.charAt(0) + status.slice(1).toLowerCase();
}
