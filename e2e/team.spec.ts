/**
 * Two people on two laptops and a relay between them. Everything that one does reaches the other; everything goes on
 * while the relay, or one of the laptops, is away; and when all are back both have the same, to the last point.
 */
import { expect, test, type Person, type Team } from './app.ts';
import { artifactText, experiment, finishRun, history, logSeries, putArtifact, runNames, startRun, type LoggedRun } from './mlflow.ts';
import { experimentOf } from './pages/experiment.ts';
import { frameOf } from './pages/frame.ts';
import { noteOf } from './pages/note.ts';

const values = (seed: number, count: number): number[] => Array.from({ length: count }, (_, step) => seed + Math.cos(step / 7));
const pairs = (all: number[], first = 0): [number, number][] => all.map((value, i) => [first + i, value]);

/** What a person can rely on: everything is on the relay's disk, and nothing of the others is missing here. */
async function expectShared(...people: Person[]): Promise<void> {
  for (const { page } of people) await expect(frameOf(page).relay, 'status line').toHaveText(/^On the relay/, { timeout: 30_000 });
}

/** A run of one's own with points and a file, ended. */
async function work({ url }: Person, experimentId: string, name: string, seed: number): Promise<LoggedRun> {
  const run = await startRun(url, experimentId, name, { params: { seed: String(seed) } });
  await logSeries(url, run, 'loss', values(seed, 300));
  await putArtifact(url, run, 'notes/result.txt', `result of ${name}\n`);
  await finishRun(url, run);
  return run;
}

async function openNotes({ ada, ben }: Team, experimentId: string) {
  for (const { page, url } of [ada, ben]) {
    await experimentOf(page).open(url, experimentId);
    await page.getByRole('button', { name: 'Note', exact: true }).click();
  }
  return [noteOf(ada.page), noteOf(ben.page)] as const;
}

test('the relay dies while two people work, both go on, and both end up with the same', async ({ team }) => {
  test.setTimeout(180_000);
  const { ada, ben, relay } = team;
  await expectShared(ada, ben);

  // Both mean the same experiment, because both named it so.
  const id = await experiment(ada.url, 'shared');
  expect(await experiment(ben.url, 'shared')).toBe(id);
  const first = await work(ada, id, 'ada online', 1);
  await expect.poll(() => runNames(ben.url, id)).toEqual(['ada online']);
  await expect.poll(() => history(ben.url, first.id, 'loss')).toEqual(pairs(values(1, 300)));
  await expect.poll(() => artifactText(ben.url, first, 'notes/result.txt')).toBe('result of ada online\n');

  const [hers, his] = await openNotes(team, id);
  await hers.type('Ada: start. ');
  await expect.poll(his.text).toBe('Ada: start. ');
  await his.type('Ben: agreed. ');
  await expect.poll(hers.text).toBe('Ada: start. Ben: agreed. ');
  await expectShared(ada, ben);

  // A run is half-way when the relay goes.
  const long = await startRun(ada.url, id, 'ada long');
  await logSeries(ada.url, long, 'loss', values(2, 100));
  await relay.kill();
  for (const { page } of [ada, ben]) await expect(frameOf(page).relay).toHaveText(/^Offline/);
  await logSeries(ada.url, long, 'loss', values(3, 100), 100);
  await finishRun(ada.url, long);
  const offline = await Promise.all([work(ada, id, 'ada offline', 4), work(ben, id, 'ben offline', 5)]);
  await hers.type('Ada alone. ');
  await his.type('Ben alone. ');
  await expect(hers.claim).toHaveText('On this disk');
  await expect(his.claim).toHaveText('On this disk');
  for (const { page } of [ada, ben]) {
    await expect(frameOf(page).disk).toHaveText('On this disk');
    await expect(frameOf(page).relay).toHaveText(/^Offline · \d+ not yet shared$/);
  }
  expect(await runNames(ben.url, id)).not.toContain('ada offline');

  await relay.start();
  await expectShared(ada, ben);
  await expect.poll(his.text).toBe(await hers.text());
  const text = await hers.text();
  expect(text).toContain('Ada: start. Ben: agreed. ');
  expect(text).toContain('Ada alone. ');
  expect(text).toContain('Ben alone. ');

  const names = ['ada long', 'ada offline', 'ada online', 'ben offline'];
  const longPoints = [...pairs(values(2, 100)), ...pairs(values(3, 100), 100)];
  for (const { url, page } of [ada, ben]) {
    await expect.poll(() => runNames(url, id)).toEqual(names);
    await expect.poll(() => history(url, long.id, 'loss')).toEqual(longPoints);
    for (const [i, name] of ['ada offline', 'ben offline'].entries()) {
      await expect.poll(() => history(url, offline[i]!.id, 'loss')).toEqual(pairs(values(4 + i, 300)));
      await expect.poll(() => artifactText(url, offline[i]!, 'notes/result.txt')).toBe(`result of ${name}\n`);
    }
    await expect.poll(async () => (await experimentOf(page).names()).sort()).toEqual(names);
  }
});

test('a laptop that was closed while the other worked has everything when it is opened again', async ({ team }) => {
  const { ada, ben } = team;
  const id = await experiment(ada.url, 'holiday');
  // Ben asks for the same name and means the same experiment, whether hers has reached him or not.
  expect(await experiment(ben.url, 'holiday')).toBe(id);
  const before = await work(ben, id, 'before', 1);
  await expect.poll(() => history(ada.url, before.id, 'loss')).toHaveLength(300);
  const [hers] = await openNotes(team, id);
  await ben.host.stop();
  await expect(frameOf(ben.page).banner).toBeVisible();
  const during = await work(ada, id, 'during', 2);
  await hers.type('while you were away');
  await expectShared(ada);
  await ben.host.start();
  await expect.poll(() => runNames(ben.url, id)).toEqual(['before', 'during']);
  await expect.poll(() => history(ben.url, during.id, 'loss')).toEqual(pairs(values(2, 300)));
  await expect.poll(() => artifactText(ben.url, during, 'notes/result.txt')).toBe('result of during\n');
  await expect.poll(noteOf(ben.page).text).toBe('while you were away');
  await expectShared(ada, ben);
});

test('a run that goes on at one person is watched live by the other', async ({ team }) => {
  const { ada, ben } = team;
  const id = await experiment(ada.url, 'live');
  await expect.poll(async () => (await frameOf(ben.page).sidebar.getByRole('link').allInnerTexts()).join()).toContain('live');
  const view = experimentOf(ben.page);
  await view.open(ben.url, id);
  const run = await startRun(ada.url, id, 'running');
  await expect(view.status('running')).toHaveAccessibleName('Running');
  await logSeries(ada.url, run, 'loss', values(1, 50));
  await expect.poll(async () => (await history(ben.url, run.id, 'loss')).length, { timeout: 30_000 }).toBe(50);
  await finishRun(ada.url, run);
  await expect(view.status('running')).toHaveAccessibleName('Finished');
});

test('a person joins a team from the status line, with what was logged before', async ({ team, app }) => {
  const id = await experiment(app.url, 'alone');
  const run = await startRun(app.url, id, 'alone', { metrics: { loss: 1 } });
  const frame = frameOf(app.page);
  await expect(frame.relay).toHaveText('Not shared');
  await frame.relay.click();
  await app.page.getByRole('textbox', { name: 'Invite' }).fill('not an invite');
  await app.page.getByRole('button', { name: 'Join the team' }).click();
  await expect(app.page.getByRole('alert')).toBeVisible();
  await app.page.getByRole('textbox', { name: 'Invite' }).fill(await team.invite());
  await app.page.getByRole('button', { name: 'Join the team' }).click();
  await expect(frame.relay).toHaveText(/^On the relay/);
  await expect.poll(() => history(team.ada.url, run.id, 'loss')).toEqual([[0, 1]]);
});
