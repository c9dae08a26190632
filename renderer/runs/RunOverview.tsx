/** What went into a run and what came out: params and metrics side by side, then datasets and models. */
import { lazy, Suspense, type ReactNode } from 'react';
import type { RunDetails } from '#contract';
import type { MetricSummary } from '#model';
import { Sparkline } from '../charts/Sparkline.tsx';
import { useApp, useSelection, useUi } from '../state/context.tsx';
import { fullNumber } from '../ui/format.ts';
import { colorOf, slotOf } from '../ui/palette.ts';
import { NumberText } from '../ui/widgets.tsx';
import { DenseTable, type DenseRow } from './DenseTable.tsx';

/** MLflow's own page reads its descriptions as Markdown, and so do we. */
const Markdown = lazy(() => import('../notes/Markdown.tsx').then((module) => ({ default: module.Markdown })));

interface MetricRow extends DenseRow {
  summary: MetricSummary;
}

const byKey = (a: { key: string }, b: { key: string }): number => a.key.localeCompare(b.key, 'en', { numeric: true });

export function RunOverview({ details: { run, models } }: { details: RunDetails }) {
  const { host, desktop } = useApp();
  const theme = useUi((state) => state.resolved);
  const slots = useSelection((state) => state.slots);
  const color = colorOf(slotOf(run.id, slots), theme);
  const params = Object.entries(run.params).map(([key, value]) => ({ key, value })).sort(byKey);
  const metrics = Object.entries(run.metrics).map(([key, summary]) => ({ key, value: fullNumber(summary.value), summary })).sort(byKey);
  const description = run.tags['mlflow.note.content'];

  return (
    <div className="run-overview">
      <DenseTable
        title="Params"
        rows={params}
        empty="This run logged no params. mlflow.log_params({…}) fills this table."
        columns={[{ name: 'Value', width: 'minmax(80px, 1.8fr)', cell: ({ value }) => <span className="mono" title={value}>{value}</span> }]}
      />
      <DenseTable<MetricRow>
        title="Metrics"
        rows={metrics}
        empty="This run logged no metrics yet. mlflow.log_metric(name, value, step=…) fills this table."
        columns={[
          { name: '', width: '68px', cell: ({ key, summary }) => (summary.count > 1 ? <Sparkline host={host} runId={run.id} metric={key} color={color} width={64} /> : null) },
          { name: 'Last', width: '72px', align: 'right', cell: numberOf((summary) => summary.value) },
          { name: 'Min', width: '72px', align: 'right', cell: numberOf((summary) => summary.min) },
          { name: 'Max', width: '72px', align: 'right', cell: numberOf((summary) => summary.max) },
          { name: 'Step', width: '60px', align: 'right', cell: numberOf((summary) => summary.step) },
        ]}
      />
      {description ? (
        <Extra title="Description from the script">
          <Suspense fallback={<p className="run-description">{description}</p>}>
            <Markdown text={description} onLink={(href) => void desktop.openExternal(href)} />
          </Suspense>
        </Extra>
      ) : null}
      {run.inputs.length ? (
        <Extra title="Datasets">
          {run.inputs.map((input) => (
            <p key={`${input.name} ${input.digest}`}>
              <strong>{input.name}</strong> <span className="mono">{input.digest}</span> <span>{input.sourceType}</span>
            </p>
          ))}
        </Extra>
      ) : null}
      {models.length ? (
        <Extra title="Models">
          {models.map((model) => (
            <p key={model.id}>
              <strong>{model.name}</strong> <span className="mono">{model.id}</span> <span>{modelStates[model.status]}</span>
            </p>
          ))}
        </Extra>
      ) : null}
    </div>
  );
}

const modelStates = { LOGGED_MODEL_PENDING: 'being uploaded', LOGGED_MODEL_READY: 'ready', LOGGED_MODEL_UPLOAD_FAILED: 'upload failed' } as const;

function numberOf(pick: (summary: MetricSummary) => number) {
  return function cell({ summary }: MetricRow) {
    return <NumberText value={pick(summary)} />;
  };
}

function Extra({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="run-extra">
      <h2>{title}</h2>
      {children}
    </section>
  );
}
