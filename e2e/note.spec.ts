/** A note that several people write at once, on one host: nobody’s words are lost, and undo takes back one’s own only. */
import { expect, test } from './app.ts';
import { experiment, startRun } from './mlflow.ts';
import { frameOf } from './pages/frame.ts';
import { noteOf } from './pages/note.ts';
import { runOf } from './pages/run.ts';

test('two windows type in one note at once, see each other’s names, and undo their own words', async ({ app, windows }) => {
  const run = await startRun(app.url, await experiment(app.url, 'notes'), 'noted');
  const ben = await windows.open(app.url, 'Ben Odd');
  await runOf(app.page).open(app.url, run.id, 'Note');
  await runOf(ben).open(app.url, run.id, 'Note');
  const [hers, his] = [noteOf(app.page), noteOf(ben)];
  await hers.type('# Plan\n');
  await expect.poll(his.text).toBe('# Plan\n');

  await hers.editor.click();
  await his.editor.click();
  await Promise.all([hers.type('warm up longer '), his.type('try a cosine ')]);
  const words = async (note: typeof hers): Promise<string> => [...(await note.text())].sort().join('').trim();
  const all = [...'# Plan\nwarm up longer try a cosine '].sort().join('').trim();
  await expect.poll(() => words(hers)).toBe(all);
  await expect.poll(his.text).toBe(await hers.text());

  await expect(hers.people).toHaveAccessibleName('Ben Odd');
  await expect(hers.cursors.first()).toHaveText('Ben Odd');
  await expect(hers.claim).toHaveText('On this disk');

  await his.undo();
  await expect.poll(async () => (await his.text()).includes('cosine')).toBe(false);
  await expect.poll(hers.text).toBe(await his.text());
  expect([...(await hers.text())].sort().join('').trim()).toBe([...'# Plan\nwarm up longer '].sort().join('').trim());

  await ben.close();
  await expect(hers.people).toHaveCount(0);
});

test('a note survives a reload and reads as a page', async ({ app }) => {
  const run = await startRun(app.url, await experiment(app.url, 'notes'), 'noted');
  const note = noteOf(app.page);
  await runOf(app.page).open(app.url, run.id, 'Note');
  // The editor continues lists by itself: the second dash is its own.
  await note.type('## What happened\n\nIt **diverged** after warm-up.');
  await expect(note.claim).toHaveText('On this disk');
  await app.page.reload();
  await expect.poll(note.text).toBe('## What happened\n\nIt **diverged** after warm-up.');
  await note.show('Read');
  await expect(note.page.getByRole('heading', { name: 'What happened' })).toBeVisible();
  await expect(note.page.locator('strong')).toHaveText('diverged');
});

test('while the host is down a note keeps what is typed, and saves it when the host is back', async ({ app, windows }) => {
  const { host } = app;
  test.skip(!host, 'the window’s own host dies with the window’s process');
  const run = await startRun(app.url, await experiment(app.url, 'notes'), 'noted');
  const note = noteOf(app.page);
  await runOf(app.page).open(app.url, run.id, 'Note');
  await note.type('before ');
  await expect(note.claim).toHaveText('On this disk');
  await host!.kill();
  await expect(frameOf(app.page).banner).toBeVisible();
  await note.type('meanwhile ');
  await expect(note.claim).toContainText('Offline: kept in this window');
  await host!.start();
  await expect(note.claim).toHaveText('On this disk');
  await note.type('after');
  await expect(note.claim).toHaveText('On this disk');
  // Another window reads it from the host's disk.
  await host!.kill();
  await host!.start();
  const other = await windows.open(app.url);
  await runOf(other).open(app.url, run.id, 'Note');
  await expect.poll(noteOf(other).text).toBe('before meanwhile after');
});

test('an experiment has a note beside its table', async ({ app }) => {
  const id = await experiment(app.url, 'notes');
  await startRun(app.url, id, 'any');
  await frameOf(app.page).openExperiment('notes');
  await app.page.getByRole('button', { name: 'Note', exact: true }).click();
  const note = noteOf(app.page);
  await note.type('Compare with last week');
  await expect(note.claim).toHaveText('On this disk');
  await app.page.getByRole('button', { name: 'Note', exact: true }).click();
  await app.page.getByRole('button', { name: 'Note', exact: true }).click();
  await expect.poll(note.text).toBe('Compare with last week');
});
