/**
 * Content from scripts and teammates that tries to run: in names, params, tags, notes and artifacts of every kind. Every
 * view of it is opened. Nothing may run (`window.alarm` stays unset) and nothing may be fetched (the canary is never called).
 */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, test, type App } from './app.ts';
import { startCanary } from './canary.ts';
import { experiment, finishRun, logSeries, putArtifact, startRun, type LoggedRun } from './mlflow.ts';
import { chartOf } from './pages/chart.ts';
import { experimentOf } from './pages/experiment.ts';
import { noteOf } from './pages/note.ts';
import { runOf } from './pages/run.ts';

/** MLflow's own rules keep markup out of names of metrics, params and tags, but not out of their values. */
const metric = 'constructor';
const alarm = (page: Page): Promise<unknown> => page.evaluate(() => (globalThis as unknown as { alarm?: unknown }).alarm);

/** Markup that runs or fetches wherever it is put into a page as HTML. */
const markup = (canary: string, where: string): string =>
  `<img src="${canary}/${where}" onerror="window.alarm='${where}'"><svg onload="window.alarm='${where}'"></svg><script>window.alarm='${where}'</script>`;

const html = (canary: string): string => `<!doctype html><link rel="stylesheet" href="${canary}/css"><body onload="window.alarm='html'">${markup(canary, 'html')}
<iframe src="${canary}/frame"></iframe><form action="${canary}/form"><input name=x></form><script>document.forms[0].submit()</script></body>`;
const svg = (canary: string): string => `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="40" onload="window.alarm='svg'">
<script>window.alarm='svg'; fetch('${canary}/svg')</script><image xlink:href="${canary}/svg-image" width="40" height="40"/>
<foreignObject width="40" height="40"><img xmlns="http://www.w3.org/1999/xhtml" src="${canary}/svg-html"/></foreignObject><rect width="20" height="20"/></svg>`;
const markdown = (canary: string): string => `# A note

[click me](javascript:window.alarm='link') [and me](data:text/html,<script>alert(1)</script>) <a href="javascript:window.alarm='raw'">raw</a>

${markup(canary, 'markdown')}

![picture](${canary}/picture.png) ![script](javascript:window.alarm='image') ![up](../../../secret.png)

<iframe src="${canary}/note-frame"></iframe>

[home](file:///etc/passwd) ![file](file:///etc/passwd)
`;

async function hostileRun(app: App, canary: string): Promise<LoggedRun> {
  const id = await experiment(app.url, markup(canary, 'experiment'));
  const run = await startRun(app.url, id, markup(canary, 'name'), {
    params: { lr: markup(canary, 'param'), formula: '=HYPERLINK("http://example.invalid")', toString: 'x', constructor: 'y' },
    tags: { note: markup(canary, 'tag'), 'mlflow.note.content': markup(canary, 'description'), 'mlflow.source.name': `javascript:window.alarm='source'` },
  });
  await logSeries(app.url, run, metric, [3, 2, 1]);
  for (const [name, text] of Object.entries({
    'page.html': html(canary),
    'picture.svg': svg(canary),
    'picture.png': html(canary),
    'README.md': markdown(canary),
    'data.json': JSON.stringify({ __proto__: markup(canary, 'json'), html: markup(canary, 'json') }),
    'table.csv': `name,value\n"${markup(canary, 'csv').replaceAll('"', '""')}",=1+1\n`,
    'script.js': `window.alarm='js'`,
    'notes.xml': `<?xml version="1.0"?><?xml-stylesheet href="${canary}/xsl" type="text/xsl"?><a xmlns:h="http://www.w3.org/1999/xhtml"><h:script>window.alarm='xml'</h:script></a>`,
    '<img src=x onerror=alert(1)>.txt': 'a name',
  }))
    await putArtifact(app.url, run, name, text);
  await finishRun(app.url, run);
  return run;
}

test('no view of hostile content runs or fetches anything', async ({ app }) => {
  const canary = await startCanary();
  const { page, url } = app;
  const run = await hostileRun(app, canary.url);

  await page.goto(url);
  await expect(page.getByRole('main').getByRole('link', { name: '<img src=' })).toBeVisible();
  const table = experimentOf(page);
  await table.open(url, run.experimentId);
  await expect(table.rows).toContainText('<svg onload=');
  await expect.poll(async () => (await chartOf(page, metric).lines()).length).toBe(1);
  await table.rows.first().hover();
  await (await table.openColumns()).getByText('formula').hover();
  await page.keyboard.press('Escape');
  await table.filter.fill("params.lr = '<img src=x onerror=alert(1)>'");
  await expect(page.getByRole('heading', { name: 'No run fits this filter' })).toBeVisible();

  const view = runOf(page);
  await view.open(url, run.id);
  await expect(view.title).toContainText('<script>');
  await expect(view.params).toContainText('<img src=');
  await page.getByRole('button', { name: /system tags$/ }).click();
  await view.tab('Charts');
  await expect.poll(async () => (await chartOf(page, metric).lines()).length).toBe(1);
  await chartOf(page, metric).plot.hover();

  await view.tab('Artifacts');
  for (const name of ['page.html', 'picture.svg', 'picture.png', 'data.json', 'table.csv', 'script.js', 'notes.xml', '<img src=x onerror=alert(1)>.txt', 'README.md']) {
    await view.choose(name);
    await expect(view.view.locator('.text-view, .image-view img, .view-error, .json-view, .table-view, .markdown').first()).toBeVisible();
  }
  // What is left of the Markdown: words, and no link that does anything but open a web address.
  await expect(view.view.getByText('click me')).toBeVisible();
  for (const link of await view.view.locator('.markdown a').all()) expect(await link.getAttribute('href')).toMatch(/^https?:|^mailto:/);

  await view.tab('Note');
  const note = noteOf(page);
  await note.editor.click();
  await page.keyboard.insertText(markdown(canary.url));
  await expect(note.claim).toHaveText('On this disk');
  await note.show('Side by side');
  await expect(note.page.getByText('click me')).toBeVisible();
  await note.page.getByText('click me').click();
  await note.show('Read');
  await expect(note.page.getByRole('button', { name: /show picture from/ })).toBeVisible();

  expect(await alarm(page)).toBeUndefined();
  expect(canary.calls).toEqual([]);
  await canary.close();
});

test('an artifact opened by its own address is text, or a picture, or a download, in a sandbox', async ({ app, windows }) => {
  const canary = await startCanary();
  const run = await hostileRun(app, canary.url);
  for (const name of ['page.html', 'picture.svg', 'script.js', 'notes.xml', 'README.md', 'picture.png']) {
    const address = `${app.url}/artifact/${run.id}/${name}`;
    const plain = await fetch(address);
    expect(plain.headers.get('content-disposition'), name).toMatch(/^attachment/);
    expect(plain.headers.get('content-type'), name).not.toMatch(/html|javascript|\/xml/);
    for (const answer of [plain, await fetch(`${address}?view=1`)]) {
      expect(answer.headers.get('content-security-policy'), name).toContain('sandbox');
      expect(answer.headers.get('x-content-type-options'), name).toBe('nosniff');
    }
    const page = await windows.openForeign('about:blank');
    // A download ends the navigation with an error; that is one of the two right answers.
    await page.goto(`${address}?view=1`).catch(() => undefined);
    expect(await page.evaluate(() => 'alarm' in globalThis), name).toBe(false);
    await page.close();
  }
  expect(canary.calls).toEqual([]);
  await canary.close();
});

test('the page states its security policy, and exported CSV runs no formulas', async ({ app }) => {
  const policy = (await fetch(app.url)).headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toMatch(/script-src[^;]*unsafe/);
  expect(policy).toContain("frame-ancestors 'none'");

  const id = await experiment(app.url, 'sheet');
  await startRun(app.url, id, '=1+1', { params: { a: '+cmd|calc', b: '@SUM(A1)', c: 'plain, "quoted"', d: '-x' }, metrics: { loss: -0.5 } });
  await startRun(app.url, id, 'other', { params: { a: '1', b: '2', c: '3', d: '4' } });
  const view = experimentOf(app.page);
  await view.open(app.url, id, '?charts=0&col=params.a&col=params.b&col=params.c&col=params.d&col=metrics.loss');
  await expect(view.total).toHaveText('2 runs');
  const saving = app.page.waitForEvent('download');
  await app.page.getByRole('button', { name: 'Export as CSV' }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe('sheet.csv');
  const line = (await readFile(await saved.path(), 'utf8')).split('\r\n').find((each) => each.includes('1+1'));
  expect(line?.split(',').slice(1).join(',')).toBe(`'=1+1,'+cmd|calc,'@SUM(A1),"plain, ""quoted""",'-x,-0.5`);
});
