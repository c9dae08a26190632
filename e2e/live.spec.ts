/** A training run that is watched: its chart grows, its state changes, and a host that dies comes back with everything. */
import { expect, test } from './app.ts';
import { experiment, finishRun, logSeries, startRun } from './mlflow.ts';
import { chartOf } from './pages/chart.ts';
import { experimentOf } from './pages/experiment.ts';
import { frameOf } from './pages/frame.ts';

const falling = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => 1 / (from + i + 1));

test('a chart grows while its runs are logging, and the state changes when one ends', async ({ app }) => {
  const id = await experiment(app.url, 'live');
  const [one, two] = [await startRun(app.url, id, 'one'), await startRun(app.url, id, 'two')];
  await logSeries(app.url, one, 'loss', falling(0, 10));
  const view = experimentOf(app.page);
  await view.open(app.url, id);
  const chart = chartOf(app.page, 'loss');
  await expect.poll(() => chart.points('one')).toBe(10);
  expect(await chart.points('two')).toBe(0);
  await logSeries(app.url, one, 'loss', falling(10, 15), 10);
  await expect.poll(() => chart.points('one')).toBe(25);
  // The table's last value follows too: 1/25.
  await expect(view.row('one').getByRole('gridcell', { name: '0.04', exact: true })).toBeVisible();
  await logSeries(app.url, two, 'loss', falling(0, 40));
  await expect.poll(() => chart.points('two')).toBe(40);
  expect((await chart.lines()).find(({ run }) => run === 'one')?.y.at(-1)).toBe(1 / 25);

  await expect(view.status('one')).toHaveAccessibleName('Running');
  await finishRun(app.url, one);
  await expect(view.status('one')).toHaveAccessibleName('Finished');
  await expect(view.status('two')).toHaveAccessibleName('Running');
  // A metric that nobody had logged before gets a chart of its own.
  await logSeries(app.url, two, 'accuracy', [0.1, 0.5, 0.9]);
  await expect.poll(() => chartOf(app.page, 'accuracy').points('two')).toBe(3);
});

test('closing an eye takes a run out of the charts, a checkbox does not', async ({ app }) => {
  const id = await experiment(app.url, 'eyes');
  for (const name of ['one', 'two']) await logSeries(app.url, await startRun(app.url, id, name), 'loss', falling(0, 20));
  const view = experimentOf(app.page);
  await view.open(app.url, id);
  const chart = chartOf(app.page, 'loss');
  const drawn = async (): Promise<string[]> => (await chart.lines()).map(({ run }) => run).sort();
  await expect.poll(drawn).toEqual(['one', 'two']);
  await view.check('one');
  await view.eye('two').click();
  await expect.poll(drawn).toEqual(['one']);
  await view.eye('two').click();
  await expect.poll(drawn).toEqual(['one', 'two']);
});

test('the host is killed and started again: the page says so, keeps what it showed, and carries on', async ({ app }) => {
  const { host } = app;
  test.skip(!host, 'the window’s own host dies with the window’s process');
  const id = await experiment(app.url, 'kill');
  const run = await startRun(app.url, id, 'survivor');
  await logSeries(app.url, run, 'loss', falling(0, 50));
  const view = experimentOf(app.page);
  const frame = frameOf(app.page);
  await view.open(app.url, id);
  const chart = chartOf(app.page, 'loss');
  await expect.poll(() => chart.points('survivor')).toBe(50);
  await expect(frame.disk).toHaveText('On this disk');

  await host!.kill();
  await expect(frame.banner).toBeVisible();
  await expect(frame.disk).toHaveText('Host not reachable');
  await expect(view.row('survivor')).toBeVisible();
  expect(await chart.points('survivor')).toBe(50);

  await host!.start();
  await expect(frame.banner).toHaveCount(0);
  await expect(frame.disk).toHaveText('On this disk');
  await logSeries(app.url, run, 'loss', falling(50, 10), 50);
  await expect.poll(() => chart.points('survivor')).toBe(60);
});
