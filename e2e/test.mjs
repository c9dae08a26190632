/**
 * `npm test`: builds what is stale, then runs the unit tests, the browser end-to-end tests and the real Python client
 * against the real host. Prepares what they need (a browser, a Python environment of its own) and lists by name what
 * is skipped because it cannot be had. The last line is `N passed, N failed, N skipped`; exit code 0 when none failed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findBrowser } from './browser.mjs';

const root = path.join(import.meta.dirname, '..');
const results = path.join(root, 'test-results');
const tally = { passed: 0, failed: 0, skipped: 0 };
const skippedNames = [];
const failedNames = [];

function run(command, args, env = {}) {
  return spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } }).status ?? 1;
}

const bin = (name) => path.join(root, 'node_modules', name);
const heading = (text) => console.log(`\n── ${text} ──`);

/** Adds a suite's counts; a suite that ended badly without naming a failed test counts as one failure. */
function add(suite, status, counts) {
  tally.passed += counts.passed;
  tally.failed += counts.failed;
  tally.skipped += counts.skipped.length;
  skippedNames.push(...counts.skipped.map((name) => `${suite}: ${name}`));
  failedNames.push(...counts.failedNames.map((name) => `${suite}: ${name}`));
  if (status !== 0 && counts.failed === 0) {
    tally.failed += 1;
    failedNames.push(`${suite}: ended with code ${status}`);
  }
}

function fail(suite, why) {
  add(suite, 1, { passed: 0, failed: 1, skipped: [], failedNames: [why] });
}

function readJson(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

function unit() {
  heading('unit and integration');
  const file = path.join(results, 'unit.json');
  const status = run(process.execPath, [bin('vitest/vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]);
  const tests = (readJson(file)?.testResults ?? []).flatMap((each) => each.assertionResults);
  const named = (state) => tests.filter((test) => state.includes(test.status)).map((test) => test.fullName);
  const failedNames_ = named(['failed']);
  add('unit', status, {
    passed: named(['passed']).length,
    failed: failedNames_.length,
    skipped: named(['pending', 'skipped', 'todo', 'disabled']),
    failedNames: failedNames_,
  });
}

async function browser() {
  heading('browser end-to-end');
  const executable = await findBrowser();
  if (!executable) return fail('browser', 'no browser: install Chrome or Chromium, or set DAYBOOK_BROWSER to its path');
  const file = path.join(results, 'e2e.json');
  const status = run(process.execPath, [bin('@playwright/test/cli.js'), 'test', '--config', 'e2e/playwright.config.ts'], { DAYBOOK_BROWSER: executable });
  const counts = { passed: 0, failed: 0, skipped: [], failedNames: [] };
  const walk = (suite, names) => {
    for (const spec of suite.specs ?? [])
      for (const test of spec.tests) {
        const name = [...names, spec.title, `(${test.projectName})`].filter(Boolean).join(' › ');
        if (test.status === 'skipped') counts.skipped.push(name);
        else if (test.status === 'expected') counts.passed += 1;
        else {
          counts.failed += 1;
          counts.failedNames.push(name);
        }
      }
    for (const inner of suite.suites ?? []) walk(inner, [...names, inner.title]);
  };
  for (const suite of readJson(file)?.suites ?? []) walk(suite, [suite.title]);
  add('browser', status, counts);
}

/** The Python of an own environment with the pinned client; undefined when it cannot be made here. */
function pythonEnvironment(name, requirements) {
  const folder = path.join(root, '.venv', name);
  const python = process.platform === 'win32' ? path.join(folder, 'Scripts', 'python.exe') : path.join(folder, 'bin', 'python');
  const wanted = createHash('sha256').update(readFileSync(path.join(root, 'e2e', 'python', requirements))).digest('hex');
  const stamp = path.join(folder, '.requirements');
  if (existsSync(stamp) && existsSync(python) && readFileSync(stamp, 'utf8') === wanted) return python;
  rmSync(folder, { recursive: true, force: true });
  const system = process.platform === 'win32' ? 'python' : 'python3';
  const quiet = (command, args) => spawnSync(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  let made = quiet(system, ['-m', 'venv', folder]);
  if (made.status !== 0 && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    quiet('apt-get', ['update', '-qq']);
    quiet('apt-get', ['install', '-y', '-qq', 'python3', 'python3-venv']);
    rmSync(folder, { recursive: true, force: true });
    made = quiet(system, ['-m', 'venv', folder]);
  }
  if (made.status !== 0) return undefined;
  const installed = quiet(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', path.join('e2e', 'python', requirements)]);
  if (installed.status !== 0) {
    console.log(installed.stderr?.split('\n').slice(-4).join('\n'));
    return undefined;
  }
  writeFileSync(stamp, wanted);
  return python;
}

function python(name, requirements) {
  heading(`Python client: ${name}`);
  const interpreter = pythonEnvironment(name, requirements);
  if (!interpreter) {
    const names = readFileSync(path.join(root, 'e2e', 'python', 'test_client.py'), 'utf8').matchAll(/^def (test_\w+)/gm);
    const skipped = [...names].map((match) => `${match[1]} (no python3, or its package index cannot be reached)`);
    return add(name, 0, { passed: 0, failed: 0, skipped, failedNames: [] });
  }
  const file = path.join(results, `${name}.xml`);
  const status = run(interpreter, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', path.join('e2e', 'python'), `--junitxml=${file}`], {
    DAYBOOK_NODE: process.execPath,
    MLFLOW_DISABLE_TELEMETRY: 'true',
    DO_NOT_TRACK: 'true',
  });
  const xml = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const counts = { passed: 0, failed: 0, skipped: [], failedNames: [] };
  for (const [, attributes, body] of xml.matchAll(/<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    const title = /\bname="([^"]*)"/.exec(attributes)?.[1] ?? '?';
    if (/<(failure|error)\b/.test(body ?? '')) {
      counts.failed += 1;
      counts.failedNames.push(title);
    } else if (/<skipped\b/.test(body ?? '')) counts.skipped.push(title);
    else counts.passed += 1;
  }
  add(name, status, counts);
}

mkdirSync(results, { recursive: true });
for (const old of ['unit.json', 'e2e.json', 'mlflow3.xml', 'mlflow2.xml']) rmSync(path.join(results, old), { force: true });
if (run(process.execPath, ['electron/build.mjs']) !== 0) fail('build', 'npm run build');
else {
  unit();
  await browser();
  python('mlflow3', 'requirements.txt');
  python('mlflow2', 'requirements-mlflow2.txt');
}
if (skippedNames.length > 0) console.log(`\nSkipped:\n${skippedNames.map((name) => `  ${name}`).join('\n')}`);
if (failedNames.length > 0) console.log(`\nFailed:\n${failedNames.map((name) => `  ${name}`).join('\n')}`);
console.log(`\n${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
process.exitCode = tally.failed === 0 ? 0 : 1;
