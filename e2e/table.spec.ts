/** The run table: what a person does with it all day. Runs are logged over MLflow's door while the page is open. */
import type { App } from './app.ts';
import { expect, test } from './app.ts';
import { experiment, finishedRun, post, startRun } from './mlflow.ts';
import { experimentOf } from './pages/experiment.ts';
import { frameOf } from './pages/frame.ts';
import { runOf } from './pages/run.ts';

/** Three runs whose order differs by name, loss and accuracy. */
async function threeRuns(app: App): Promise<string> {
  const id = await experiment(app.url, 'mnist');
  const start = Date.now() - 60_000;
  await finishedRun(app.url, id, 'adam-small', { params: { lr: '0.001', model: 'cnn' }, metrics: { loss: 0.5, accuracy: 0.91 }, startedAt: start });
  await finishedRun(app.url, id, 'adam-large', { params: { lr: '0.001', model: 'resnet' }, metrics: { loss: 0.2, accuracy: 0.97 }, startedAt: start + 1000 });
  await finishedRun(app.url, id, 'sgd', { params: { lr: '0.1', model: 'cnn' }, metrics: { loss: 0.9, accuracy: 0.55 }, startedAt: start + 2000 });
  return id;
}

test('runs appear while they are logged, newest first, with their values', async ({ app }) => {
  const view = experimentOf(app.page);
  const id = await experiment(app.url, 'mnist');
  await frameOf(app.page).openExperiment('mnist');
  await expect(app.page.getByRole('heading', { name: 'No run has been logged here' })).toBeVisible();
  await startRun(app.url, id, 'first', { params: { lr: '0.1' }, metrics: { loss: 0.25 } });
  await expect(view.row('first')).toContainText('0.25');
  await startRun(app.url, id, 'second', { params: { lr: '0.2' }, metrics: { loss: 0.125 } });
  await expect.poll(view.names).toEqual(['second', 'first']);
  await expect(view.total).toHaveText('2 runs');
  await expect(view.status('second')).toHaveAccessibleName('Running');
});

test('a click on a column orders the rows, Shift adds a column, the address keeps the view', async ({ app }) => {
  const id = await threeRuns(app);
  const view = experimentOf(app.page);
  await view.open(app.url, id, '?charts=0');
  await expect.poll(view.names).toEqual(['sgd', 'adam-large', 'adam-small']);
  await view.sortBy('accuracy');
  await expect.poll(view.names).toEqual(['adam-large', 'adam-small', 'sgd']);
  await expect(view.head('accuracy')).toHaveAttribute('aria-sort', 'descending');
  await view.sortBy('accuracy');
  await expect.poll(view.names).toEqual(['sgd', 'adam-small', 'adam-large']);
  await view.sortBy('lr');
  await app.page.getByRole('button', { name: 'loss', exact: true }).click({ modifiers: ['Shift'] });
  await expect.poll(view.names).toEqual(['adam-small', 'adam-large', 'sgd']);
  await view.filter.fill("params.model = 'cnn'");
  await expect.poll(view.names).toEqual(['adam-small', 'sgd']);
  await app.page.reload();
  await expect.poll(view.names).toEqual(['adam-small', 'sgd']);
  await expect(view.filter).toHaveValue("params.model = 'cnn'");
  await expect(view.head('loss')).toHaveAttribute('aria-sort', 'descending');
});

test('the filter speaks MLflow’s grammar, completes names, and underlines what it cannot read', async ({ app }) => {
  const id = await threeRuns(app);
  const view = experimentOf(app.page);
  await view.open(app.url, id);
  await view.filter.fill("metrics.loss < 0.6 AND attributes.run_name ILIKE 'ADAM%'");
  await expect.poll(view.names).toEqual(['adam-large', 'adam-small']);
  await expect(view.total).toHaveText('2 found');

  await view.filter.fill('metrics.loss <> 0.6');
  await expect(view.faultMark).toHaveText(/^<?>/);
  await expect(view.filter).toHaveAttribute('aria-invalid', 'true');
  // A filter that cannot be read changes nothing.
  await expect.poll(view.names).toEqual(['adam-large', 'adam-small']);

  await view.filter.fill('');
  await view.filter.pressSequentially('metrics.acc');
  await expect(view.suggestions.filter({ hasText: 'accuracy' })).toContainText('in 3 runs');
  await view.filter.press('Tab');
  await expect(view.filter).toHaveValue('metrics.accuracy ');
  await view.filter.pressSequentially('> 0.9');
  await view.filter.press('Enter');
  await expect.poll(view.names).toEqual(['adam-large', 'adam-small']);
  await view.filter.fill('metrics.loss > 100');
  await app.page.getByRole('button', { name: 'Clear the filter' }).last().click();
  await expect(view.total).toHaveText('3 runs');
});

test('columns are chosen, pinned and put back', async ({ app }) => {
  const id = await threeRuns(app);
  const view = experimentOf(app.page);
  await view.open(app.url, id, '?charts=0');
  await expect(view.head('accuracy')).toBeVisible();
  const columns = await view.openColumns();
  await app.page.getByRole('textbox', { name: 'Find a column' }).fill('accu');
  await columns.getByText('accuracy').click();
  await expect(view.head('accuracy')).toHaveCount(0);
  await columns.getByRole('button', { name: 'Pin accuracy to the left' }).click();
  await expect(view.head('accuracy')).toBeVisible();
  await app.page.getByRole('textbox', { name: 'Find a column' }).fill('');
  await app.page.getByRole('button', { name: 'Automatic' }).click();
  await expect(columns.getByRole('button', { name: 'Pin accuracy to the left' })).toBeVisible();
});

test('everything works from the keyboard: move, check, eye, rename, open', async ({ app }) => {
  const id = await threeRuns(app);
  const { page } = app;
  const view = experimentOf(page);
  await view.open(app.url, id);
  await expect.poll(view.names).toEqual(['sgd', 'adam-large', 'adam-small']);
  await view.table.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');
  await expect(view.row('adam-large')).toHaveAttribute('aria-selected', 'true');
  await expect(view.bulk).toContainText('1 run');
  // The eye says what charts draw; the checkbox says what a bulk action touches.
  await page.keyboard.press('e');
  await expect(view.eye('adam-large')).toHaveAttribute('aria-pressed', 'false');
  await expect(view.row('adam-large')).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('End');
  await page.keyboard.press('F2');
  await page.getByRole('textbox', { name: 'Name of the run' }).fill('adam-tiny');
  await page.keyboard.press('Enter');
  await expect.poll(view.names).toEqual(['sgd', 'adam-large', 'adam-tiny']);
  await expect(view.table).toBeFocused();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(runOf(page).title).toContainText('sgd');
  await page.goBack();
  await expect.poll(view.names).toEqual(['sgd', 'adam-large', 'adam-tiny']);
});

test('rename, tag and delete can each be undone', async ({ app }) => {
  const id = await threeRuns(app);
  const { page } = app;
  const view = experimentOf(page);
  const frame = frameOf(page);
  await view.open(app.url, id);
  await view.menuOf('sgd', 'Rename');
  await page.getByRole('textbox', { name: 'Name of the run' }).fill('momentum');
  await page.keyboard.press('Enter');
  await expect(view.row('momentum')).toBeVisible();
  await frame.undo('Renamed to momentum.');
  await expect(view.row('sgd')).toBeVisible();

  await view.check('sgd', 'adam-small');
  await view.bulk.getByRole('button', { name: 'Tag…' }).click();
  await page.getByRole('dialog').getByLabel('Key').fill('stage');
  await page.getByRole('dialog').getByLabel('Value').fill('final');
  await page.getByRole('button', { name: 'Set the tag' }).click();
  await view.filter.fill("tags.stage = 'final'");
  await expect.poll(view.names).toEqual(['sgd', 'adam-small']);
  await frame.undo('stage set on 2 runs.');
  await expect(page.getByRole('heading', { name: 'No run fits this filter' })).toBeVisible();
  await view.filter.fill('');

  await expect(view.bulk).toContainText('2 runs');
  await view.bulk.getByRole('button', { name: 'Trash' }).click();
  await expect.poll(view.names).toEqual(['adam-large']);
  await frame.undo('2 runs in the trash.');
  await expect.poll(view.names).toEqual(['sgd', 'adam-large', 'adam-small']);
});

test('the trash keeps runs until they are restored', async ({ app }) => {
  const id = await threeRuns(app);
  const view = experimentOf(app.page);
  await view.open(app.url, id);
  await view.check('adam-large');
  await app.page.keyboard.press('Escape');
  await view.table.focus();
  await app.page.keyboard.press('End');
  await app.page.keyboard.press('Delete');
  await expect(view.total).toHaveText('2 runs');
  await view.trash.click();
  await expect.poll(view.names).toEqual(['adam-small']);
  await view.check('adam-small');
  await view.bulk.getByRole('button', { name: 'Restore' }).click();
  await expect(app.page.getByRole('heading', { name: 'The trash is empty' })).toBeVisible();
  await app.page.getByRole('button', { name: 'Back to the runs' }).click();
  await expect(view.total).toHaveText('3 runs');
});

test('nested runs fold under their parent', async ({ app }) => {
  const id = await experiment(app.url, 'sweep');
  const parent = await startRun(app.url, id, 'sweep', { startedAt: Date.now() - 5000 });
  for (const child of ['trial 1', 'trial 2']) await finishedRun(app.url, id, child, { parent });
  const view = experimentOf(app.page);
  await view.open(app.url, id);
  await expect.poll(view.names).toEqual(['sweep', 'trial 2', 'trial 1']);
  await expect(view.row('trial 1')).toHaveAttribute('aria-level', '2');
  await view.row('sweep').getByRole('button', { name: 'Fold nested runs' }).click();
  await expect.poll(view.names).toEqual(['sweep']);
  await view.table.focus();
  await app.page.keyboard.press('Home');
  await app.page.keyboard.press('ArrowRight');
  await expect.poll(view.names).toEqual(['sweep', 'trial 2', 'trial 1']);
});

test('an experiment is made, renamed, deleted and restored on the page', async ({ app }) => {
  const { page } = app;
  const frame = frameOf(page);
  await page.getByRole('button', { name: 'New experiment' }).click();
  await page.getByRole('textbox', { name: 'Name of the new experiment' }).fill('ablation');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Name of the experiment: ablation. Edit' }).click();
  await page.getByRole('textbox', { name: 'Name of the experiment' }).fill('ablations');
  await page.keyboard.press('Enter');
  await expect(frame.sidebar.getByRole('link', { name: 'ablations' })).toBeVisible();
  await page.getByRole('button', { name: 'More about the experiment' }).click();
  await page.getByRole('menuitem', { name: 'Move the experiment to the trash' }).click();
  await expect(frame.sidebar.getByRole('link', { name: 'ablations' })).toHaveCount(0);
  await frame.undo('ablations is in the trash.');
  await expect(frame.sidebar.getByRole('link', { name: 'ablations' })).toBeVisible();
});

test('3,000 runs scroll with a handful of rows in the page', async ({ app }) => {
  const id = await experiment(app.url, 'large');
  const start = Date.now() - 3_000_000;
  for (let at = 0; at < 3000; at += 100)
    await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        post(app.url, 'runs/create', { experiment_id: id, run_name: `run ${at + i}`, start_time: start + (at + i) * 1000, tags: [] }),
      ),
    );
  const view = experimentOf(app.page);
  await view.open(app.url, id, '?charts=0');
  await expect(view.total).toHaveText('3,000 runs');
  await expect(view.row('run 2999')).toBeVisible();
  expect(await view.rows.count()).toBeLessThan(80);
  await view.table.focus();
  await app.page.keyboard.press('End');
  await expect(view.row('run 0')).toBeVisible();
  expect(await view.rows.count()).toBeLessThan(80);
  await expect(view.table).toHaveAttribute('aria-rowcount', '3001');
});
