/**
 * Any web page that a person has open can send requests to 127.0.0.1. Here an attacker's page, in a real browser, tries
 * every way that browsers have; nothing of it may reach a handler, while MLflow's client needs no secret.
 */
import type { Page } from '@playwright/test';
import { expect, test, type App } from './app.ts';
import { startCanary } from './canary.ts';
import { post } from './mlflow.ts';

const forged = JSON.stringify({ name: 'forged' });
const create = '/api/2.0/mlflow/experiments/create';

async function experimentNames({ url }: App): Promise<string[]> {
  const { experiments } = await post<{ experiments: { name: string }[] }>(url, 'experiments/search', { max_results: 100 });
  return experiments.map(({ name }) => name);
}

/** Runs `script` (the body of an async function of `host`) on the page; what it returns is the outcome of the attack. */
function attack(page: Page, host: string, script: string): Promise<unknown> {
  return page.evaluate(`(async (host) => { ${script} })(${JSON.stringify(host)})`);
}

const fetches = (path: string, options: string): string => `
  try { const answer = await fetch(host + '${path}', ${options}); return answer.type + ' ' + answer.status; } catch (error) { return 'refused'; }`;
const sockets = (path: string): string => `
  return new Promise((resolve) => {
    const socket = new WebSocket(host.replace('http', 'ws') + '${path}');
    socket.onopen = () => resolve('open');
    socket.onerror = () => resolve('refused');
  });`;
const elements = (tag: string, path: string): string => `
  return new Promise((resolve) => {
    const element = document.createElement('${tag}');
    element.onload = () => resolve('loaded');
    element.onerror = () => resolve('refused');
    element.src = host + '${path}';
    document.body.append(element);
  });`;
const list = '/api/2.0/mlflow/experiments/search?max_results=5';

test('the request that is forged below works for a script that is no browser', async ({ app }) => {
  await post(app.url, 'experiments/create', { name: 'forged' });
  expect(await experimentNames(app)).toContain('forged');
});

test('another origin’s page reaches nothing: fetch, preflight, images, scripts, sockets', async ({ app, windows }) => {
  const site = await startCanary({ '/': '<title>attacker</title><body></body>' });
  const page = await windows.openForeign(site.url);
  const before = await experimentNames(app);

  expect(await attack(page, app.url, fetches(create, `{ method: 'POST', mode: 'no-cors', body: '${forged}' }`))).toMatch(/refused|opaque/);
  expect(await attack(page, app.url, fetches(create, `{ method: 'POST', headers: { 'content-type': 'application/json' }, body: '${forged}' }`))).toBe('refused');
  expect(await attack(page, app.url, fetches(create, `{ method: 'PUT', body: '${forged}' }`))).toBe('refused');
  expect(await attack(page, app.url, fetches(list, '{}'))).toBe('refused');
  expect(await attack(page, app.url, fetches(list, `{ mode: 'no-cors' }`))).toBe('refused');
  for (const path of [list, '/version', '/'])
    for (const tag of ['img', 'script']) expect(await attack(page, app.url, elements(tag, path)), `${tag} ${path}`).toBe('refused');
  for (const path of ['/call', '/sync/note/experiment-0', '/sync/workspace']) expect(await attack(page, app.url, sockets(path)), path).toBe('refused');
  expect(await experimentNames(app)).toEqual(before);
  await site.close();
});

test('a form posted from another site, with a body that reads as JSON, creates nothing', async ({ app, windows }) => {
  const field = forged.slice(0, -1).replaceAll('"', '&quot;');
  const site = await startCanary({
    '/': `<form method="post" enctype="text/plain" action="${app.url}${create}"><input name="${field},&quot;x&quot;:&quot;" value="&quot;}"></form>`,
  });
  const page = await windows.openForeign(site.url);
  const [answer] = await Promise.all([page.waitForResponse((response) => response.url().endsWith(create)), page.evaluate('document.forms[0].submit()')]);
  expect(answer.status()).toBe(403);
  expect(await experimentNames(app)).toEqual(['Default']);
  await site.close();
});

test('a sandboxed frame, whose origin is null, reaches nothing', async ({ app, windows }) => {
  const script = `fetch('${app.url}${create}', { method: 'POST', mode: 'no-cors', body: '${forged}' }).finally(() => { parent.postMessage('tried', '*'); });`;
  const site = await startCanary({ '/': `<body></body>`, '/frame': `<script>${script}</script>` });
  const page = await windows.openForeign(site.url);
  await page.evaluate(`new Promise((resolve) => {
    addEventListener('message', resolve);
    const frame = document.createElement('iframe');
    frame.sandbox = 'allow-scripts';
    frame.src = '/frame';
    document.body.append(frame);
  })`);
  expect(await experimentNames(app)).toEqual(['Default']);
  await site.close();
});

test('a name that was rebound to 127.0.0.1 is not this host, although the browser thinks it is the same site', async ({ app, windows }) => {
  const rebound = `http://attacker.test:${new URL(app.url).port}`;
  const page = await windows.openForeign('about:blank');
  // The attacker's page was loaded before its name began to mean 127.0.0.1: only this one address is not the host's.
  await page.route(`${rebound}/attack`, (route) => route.fulfill({ contentType: 'text/html', body: '<title>attacker</title><body></body>' }));
  await page.goto(`${rebound}/attack`);
  expect(await attack(page, rebound, fetches(create, `{ method: 'POST', headers: { 'content-type': 'application/json' }, body: '${forged}' }`))).toBe('basic 403');
  expect(await attack(page, rebound, fetches(list, '{}'))).toBe('basic 403');
  expect(await attack(page, rebound, fetches('/', '{}'))).toBe('basic 403');
  expect(await attack(page, rebound, sockets('/call'))).toBe('refused');
  expect(await experimentNames(app)).toEqual(['Default']);
});

test('the page cannot be framed by another site', async ({ app, windows }) => {
  const site = await startCanary({ '/': `<iframe id="frame" src="${app.url}"></iframe>` });
  const page = await windows.openForeign(site.url);
  await expect.poll(async () => page.frames().map((frame) => frame.url())).not.toContain(`${app.url}/`);
  await expect(page.frameLocator('#frame').getByRole('heading', { name: 'Experiments' })).toHaveCount(0);
  await site.close();
});
