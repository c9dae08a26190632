/** The page of one run: what went in, what came out, and charts that lose nothing however many points there are. */
import { expect, test } from './app.ts';
import { experiment, logSeries, putArtifact, startRun } from './mlflow.ts';
import { chartOf, type Line } from './pages/chart.ts';
import { frameOf } from './pages/frame.ts';
import { runOf } from './pages/run.ts';

/** A picture of 4 × 3 pixels. */
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAIAAAA7ljmRAAAAEElEQVR4nGP4z8AAR1g5AI7fC/VBM9/rAAAAAElFTkSuQmCC', 'base64');

test('params and metrics, with NaN and the infinities', async ({ app }) => {
  const id = await experiment(app.url, 'numbers');
  const run = await startRun(app.url, id, 'odd', {
    params: { lr: '3e-4', notes: 'two\nlines' },
    metrics: { diverged: Number.NaN, up: Number.POSITIVE_INFINITY, down: Number.NEGATIVE_INFINITY, small: 1.234e-7 },
  });
  await logSeries(app.url, run, 'loss', [3, 1, 2]);
  const view = runOf(app.page);
  await view.open(app.url, run.id);
  await expect(view.title).toContainText('odd');
  await expect(view.status).toHaveText('Running');
  await expect(view.row(view.params, 'lr')).toContainText('3e-4');
  await expect(view.row(view.params, 'notes')).toContainText('two');
  await expect(view.row(view.metrics, 'diverged')).toContainText('NaN');
  await expect(view.row(view.metrics, 'up')).toContainText('∞');
  await expect(view.row(view.metrics, 'down')).toContainText('−∞');
  await expect(view.row(view.metrics, 'small')).toContainText('1.234e−7');
  // Last, smallest, greatest, step.
  await expect(view.row(view.metrics, 'loss').getByRole('cell')).toHaveText(['', '2', '1', '3', '2']);
});

test('tags are added, edited, removed, and each of it undone', async ({ app }) => {
  const id = await experiment(app.url, 'tags');
  const run = await startRun(app.url, id, 'tagged', { tags: { stage: 'draft' } });
  const view = runOf(app.page);
  const frame = frameOf(app.page);
  await view.open(app.url, run.id);
  await view.setTag('stage', 'final');
  await expect(view.tag('stage')).toHaveText('final');
  await frame.undo('Set the tag “stage”');
  await expect(view.tag('stage')).toHaveText('draft');
  await view.addTag('owner', 'vision');
  await expect(view.tag('owner')).toHaveText('vision');
  await app.page.getByRole('button', { name: 'Remove the tag stage' }).click();
  await expect(view.tag('stage')).toHaveCount(0);
  await frame.undo('Removed the tag “stage”');
  await expect(view.tag('stage')).toHaveText('draft');
});

test('a run is deleted and restored on its page', async ({ app }) => {
  const run = await startRun(app.url, await experiment(app.url, 'bin'), 'gone');
  const view = runOf(app.page);
  await view.open(app.url, run.id);
  await app.page.getByRole('button', { name: 'Delete' }).click();
  await expect(app.page.getByText('In the trash since')).toBeVisible();
  await app.page.getByRole('button', { name: 'Restore' }).click();
  await expect(app.page.getByRole('button', { name: 'Delete' })).toBeVisible();
});

test('artifacts are shown as text, tree, table, page and picture', async ({ app }) => {
  const run = await startRun(app.url, await experiment(app.url, 'files'), 'writer');
  await putArtifact(app.url, run, 'log.txt', 'first line\nsecond line\n');
  await putArtifact(app.url, run, 'report/metrics.json', JSON.stringify({ confusion: [1, 2], model: { name: 'cnn' } }));
  await putArtifact(app.url, run, 'report/table.csv', 'name,score\n"Odd, Ben",0.5\nanna,0.75\n');
  await putArtifact(app.url, run, 'README.md', '# Findings\n\nIt **works**.\n');
  await putArtifact(app.url, run, 'figure.png', png);
  await putArtifact(app.url, run, 'model.pkl', new Uint8Array([128, 4, 149, 0, 0]));
  const view = runOf(app.page);
  await view.open(app.url, run.id, 'Artifacts');

  await view.choose('log.txt');
  await expect(view.view.locator('.text-lines')).toHaveText('first line\nsecond line');
  await view.choose('report/metrics.json');
  await expect(view.view.locator('.json-view')).toContainText('name: "cnn"');
  await view.choose('report/table.csv');
  await expect(view.view).toContainText('2 rows · 2 columns');
  await expect(view.view.locator('.table-row').first()).toContainText('Odd, Ben');
  await view.choose('README.md');
  await expect(view.view.getByRole('heading', { name: 'Findings' })).toBeVisible();
  await view.choose('figure.png');
  await expect(view.view).toContainText('4 × 3 px');
  await view.choose('model.pkl');
  await expect(view.view).toContainText('never opened');

  await view.choose('report/metrics.json');
  const saving = app.page.waitForEvent('download');
  await view.view.getByRole('button', { name: 'Download' }).click();
  expect((await saving).suggestedFilename()).toBe('metrics.json');
});

test('a spike of one point among 100,000 is seen at every zoom, and zooming reads finer points', async ({ app }) => {
  const run = await startRun(app.url, await experiment(app.url, 'long'), 'long');
  const count = 100_000;
  const spike = 54_321;
  const values = Float64Array.from({ length: count }, (_, step) => (step === spike ? 1000 : Math.sin(step / 500)));
  await logSeries(app.url, run, 'loss', values);
  await runOf(app.page).open(app.url, run.id, 'Charts');
  const chart = chartOf(app.page, 'loss');
  const seen = async (): Promise<Line> => (await chart.lines())[0] ?? { run: '', x: [], y: [] };
  const spikeAt = async (): Promise<number | undefined> => {
    const { x, y } = await seen();
    return x[y.indexOf(1000)];
  };
  await expect.poll(spikeAt).toBe(spike);
  expect((await seen()).x.length).toBeLessThan(20_000);
  expect((await seen()).x.length).toBeGreaterThan(200);

  for (const width of [20_000, 4_000, 800, 160]) {
    await chart.zoom(spike - width * 0.4, spike + width * 0.6);
    await expect.poll(spikeAt).toBe(spike);
    // The finer answer has arrived when its points lie closer together than the coarser one's could.
    const [from, to] = await chart.range();
    await expect
      .poll(async () => (await seen()).x.filter((step) => step >= from && step <= to).length)
      .toBeGreaterThan(Math.min(150, (to - from) * 0.95));
  }
  const { x } = await seen();
  const around = x.filter((step) => Math.abs(step - spike) <= 20);
  expect(around).toEqual(Array.from({ length: 41 }, (_, i) => spike - 20 + i));
  await chart.showAll.click();
  await expect.poll(async () => (await chart.range())[1]).toBeGreaterThan(count - 2);
  await expect.poll(spikeAt).toBe(spike);
});
