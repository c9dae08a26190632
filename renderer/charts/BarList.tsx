/** A metric that every run logged once is not a line: one bar a run, greatest first, in the run's colour; of one run just the number. */
import { formatNumber, fullNumber } from '../ui/format.ts';
import type { DrawnLine } from './figure.ts';

export interface BarListProps {
  lines: readonly DrawnLine[];
  hovered: string | undefined;
  onHover(runId: string | undefined): void;
  onOpen?(runId: string): void;
}

export function BarList({ lines, hovered, onHover, onOpen }: BarListProps) {
  const bars = lines.map(({ run, raw }) => ({ run, value: raw[0] ?? Number.NaN })).sort((a, b) => Number(b.value) - Number(a.value));
  if (bars.length === 1) {
    return (
      <p className="chart-single" title={fullNumber(bars[0]!.value)}>
        {formatNumber(bars[0]!.value)}
      </p>
    );
  }
  const finite = bars.map((bar) => bar.value).filter(Number.isFinite);
  const low = Math.min(0, ...finite);
  const span = Math.max(0, ...finite) - low || 1;
  return (
    <ol className="chart-bars" onMouseLeave={() => onHover(undefined)}>
      {bars.map(({ run, value }) => (
        <li key={run.id} data-faded={hovered !== undefined && hovered !== run.id} onMouseEnter={() => onHover(run.id)} onClick={() => onOpen?.(run.id)}>
          <span className="chart-bars-name" title={run.name}>
            {run.label}
          </span>
          <span className="chart-bars-track">
            {Number.isFinite(value) ? (
              <span
                style={{
                  background: run.color,
                  left: `${((Math.min(0, value) - low) / span) * 100}%`,
                  width: `${(Math.abs(value) / span) * 100}%`,
                }}
              />
            ) : null}
          </span>
          <span className="chart-bars-value" title={fullNumber(value)}>
            {formatNumber(value)}
          </span>
        </li>
      ))}
    </ol>
  );
}
