/**
 * Makes resources/sample, the workspace that `npm start` opens: logs public training data through the stock MLflow
 * client into a real host, writes the notes as a stock y-websocket client, and packs the workspace.
 *
 *   node resources/make_sample.mjs DATA PYTHON
 *
 * DATA: folder with the data sets named in sample-notes/SOURCES.md; PYTHON: an interpreter with mlflow-skinny, wandb 0.18, pyyaml.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { WebsocketProvider } from 'y-websocket';
import { WebSocket } from 'ws';
import * as Y from 'yjs';

const here = import.meta.dirname;
const [data, python] = process.argv.slice(2);
if (!data || !python) throw new Error('usage: node resources/make_sample.mjs DATA PYTHON');
const folder = mkdtempSync(path.join(tmpdir(), 'daybook-sample-'));
const workspace = path.join(folder, 'workspace');

const host = spawn(process.execPath, [path.join(here, '..', 'electron', 'daybook.mjs'), 'host', '--workspace', workspace, '--port', '0', '--no-open'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const url = await new Promise((resolve) =>
  createInterface(host.stdout).on('line', (line) => line.startsWith('ready ') && resolve(line.slice('ready '.length))),
);

const logged = spawnSync(python, [path.join(here, 'make_sample.py'), data, url], { stdio: 'inherit', env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' } });
if (logged.status !== 0) throw new Error('logging failed');

async function ask(method, at, body) {
  const answer = await fetch(`${url}/api/2.0/mlflow/${at}`, { method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${at}: ${await answer.text()}`);
  return answer.json();
}

async function writeNote(room, text) {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(`${url.replace('http', 'ws')}/sync`, room, doc, { WebSocketPolyfill: WebSocket, disableBc: true });
  await new Promise((resolve) => provider.once('sync', resolve));
  doc.getText('text').insert(0, text);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  provider.destroy();
  doc.destroy();
}

const { experiments } = await ask('POST', 'experiments/search', { max_results: 100 });
for (const [name, file] of [
  ['Molecule energies (Geom3D)', 'molecules.md'],
  ['Atari baselines (Dopamine)', 'atari.md'],
]) {
  const experiment = experiments.find((each) => each.name === name);
  await writeNote(`note/experiment-${experiment.experiment_id}`, readFileSync(path.join(here, 'sample-notes', file), 'utf8'));
}
const { runs } = await ask('POST', 'runs/search', {
  experiment_ids: experiments.map((each) => each.experiment_id),
  filter: "tags.source.run LIKE '%mq2i3678'",
  max_results: 10,
});
await writeNote(`note/run-${runs[0].info.run_id}`, readFileSync(path.join(here, 'sample-notes', 'run.md'), 'utf8'));

host.kill('SIGTERM');
await new Promise((resolve) => host.once('exit', resolve));
const target = path.join(here, 'sample');
rmSync(target, { recursive: true, force: true });
cpSync(workspace, target, { recursive: true, filter: (source) => path.relative(workspace, source) !== 'local' && !source.endsWith('.previous') });
cpSync(path.join(here, 'sample-notes', 'SOURCES.md'), path.join(target, 'SOURCES.md'));
rmSync(folder, { recursive: true, force: true });
