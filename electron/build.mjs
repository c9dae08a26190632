#!/usr/bin/env node
/**
 * Builds what is stale into dist/: bundles of our own code (packages stay in node_modules) and the page.
 *
 *   node electron/build.mjs [--force] [cli host shell preload page]
 *
 *   dist/cli.mjs                 the command's verbs         dist/electron/main.cjs, preload.cjs   the desktop shell
 *   dist/host.mjs                the shell's host process    dist/page/                            the page
 *
 * A target is fresh while the names, sizes and times of its inputs are those of its last build (dist/.stamps/<target>).
 * Builds that run at the same time wait for one another; outputs appear under their final name only when complete, so
 * a running host never reads half a file. Quiet unless it has something to do; progress goes to stderr.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const inRoot = (...parts) => path.join(root, ...parts);
const stamps = inRoot('dist', '.stamps');
const settings = ['package.json', 'package-lock.json', 'electron/build.mjs'];
const nodeCode = ['electron', 'sync-server', ...settings];

const targets = {
  cli: { entry: 'electron/cli/main.ts', output: 'dist/cli.mjs', inputs: nodeCode, options: { format: 'esm', packages: 'external' } },
  host: { entry: 'electron/host/main.ts', output: 'dist/host.mjs', inputs: nodeCode, options: { format: 'esm', packages: 'external' } },
  shell: { entry: 'electron/app.ts', output: 'dist/electron/main.cjs', inputs: nodeCode, options: { format: 'cjs', packages: 'external' } },
  // A sandboxed preload can require nothing but electron, so everything else goes into the bundle.
  preload: { entry: 'electron/preload.ts', output: 'dist/electron/preload.cjs', inputs: nodeCode, options: { format: 'cjs', external: ['electron'] } },
  page: {
    entry: 'renderer/index.html',
    output: 'dist/page',
    inputs: ['renderer', 'electron/model', 'electron/compute', 'electron/contract.ts', 'sync-server/wire', 'vite.config.ts', ...settings],
  },
};

/** Names of all targets. */
export const targetNames = Object.keys(targets);

/**
 * Builds those of the named targets whose inputs changed; `force` builds them all. Targets without sources are left
 * out. Rejects with an Error that says what is wrong with the sources, leaving the previous output in place.
 */
export async function build(names = targetNames, { force = false } = {}) {
  const wanted = names.filter((name) => existsSync(inRoot(targets[name].entry)));
  const isStale = (name) => force || !isFresh(name);
  if (!wanted.some(isStale)) return;
  const unlock = await lock();
  try {
    for (const name of wanted) {
      // Asked again under the lock: another build may just have done it.
      if (!isStale(name)) continue;
      const started = performance.now();
      // Taken before building, so that a file saved meanwhile makes the target stale again.
      const stamp = inputStamp(targets[name].inputs);
      await (name === 'page' ? buildPage(targets[name]) : bundle(targets[name]));
      writeFileSync(path.join(stamps, name), stamp);
      console.error(`built ${targets[name].output} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
    }
  } finally {
    unlock();
  }
}

function isFresh(name) {
  const { output, inputs } = targets[name];
  const file = path.join(stamps, name);
  return existsSync(inRoot(output)) && existsSync(file) && readFileSync(file, 'utf8') === inputStamp(inputs);
}

/** One digest over name, size and time of every input file; tests are no input. */
function inputStamp(inputs) {
  const hash = createHash('sha256');
  hash.update(`${process.version}\n`);
  const visit = (relative) => {
    const stat = statSync(inRoot(relative), { throwIfNoEntry: false });
    if (!stat) return;
    if (stat.isDirectory()) for (const name of readdirSync(inRoot(relative)).sort()) visit(`${relative}/${name}`);
    else if (!/\.test\.tsx?$/.test(relative)) hash.update(`${relative}\0${stat.size}\0${stat.mtimeMs}\n`);
  };
  inputs.forEach(visit);
  return hash.digest('hex');
}

async function bundle({ entry, output, options }) {
  const esbuild = await devDependency('esbuild');
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: output,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    sourcemap: 'linked',
    logLevel: 'silent',
    write: false,
    ...options,
  });
  mkdirSync(path.dirname(inRoot(output)), { recursive: true });
  for (const file of result.outputFiles) {
    const unfinished = `${file.path}.${process.pid}`;
    writeFileSync(unfinished, file.contents);
    renameSync(unfinished, file.path);
  }
}

async function buildPage({ output }) {
  const vite = await devDependency('vite');
  const unfinished = inRoot(`${output}.${process.pid}`);
  const previous = `${unfinished}.old`;
  try {
    await vite.build({
      configFile: inRoot('vite.config.ts'),
      root: inRoot('renderer'),
      logLevel: 'error',
      build: { outDir: unfinished, emptyOutDir: true },
    });
    if (existsSync(inRoot(output))) renameSync(inRoot(output), previous);
    renameSync(unfinished, inRoot(output));
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
    rmSync(previous, { recursive: true, force: true });
  }
}

async function devDependency(name) {
  try {
    return await import(name);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error(`Building needs the package "${name}", which is not installed. Run "npm ci" in ${root}.`, { cause: error });
  }
}

/** One build at a time. The lock is a file with the owner's process id; that of a dead owner is taken over. */
async function lock() {
  mkdirSync(stamps, { recursive: true });
  const file = path.join(stamps, 'lock');
  for (let waited = 0; ; waited += 100) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (waited === 2000) console.error('waiting for another build …');
    if (isAbandoned(file)) {
      // Renamed before it is removed: of two that see a dead owner only one succeeds.
      const dead = `${file}.${process.pid}`;
      try {
        renameSync(file, dead);
        rmSync(dead, { force: true });
      } catch (error) {
        if (error.code !== 'ENOENT') throw error;
      }
    } else await delay(100);
  }
}

function isAbandoned(file) {
  try {
    const owner = Number(readFileSync(file, 'utf8'));
    const age = Date.now() - statSync(file).mtimeMs;
    // A moment passes between creating the file and writing the id into it.
    if (!owner) return age > 10_000;
    process.kill(owner, 0);
    // No build takes that long: the id belongs to another program by now.
    return age > 300_000;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(path.resolve(process.argv[1])).href) {
  const names = process.argv.slice(2).filter((argument) => argument !== '--force');
  const unknown = names.filter((name) => !targetNames.includes(name));
  if (unknown.length > 0) {
    console.error(`error invalid_argument: no target "${unknown[0]}"; there are ${targetNames.join(', ')}`);
    process.exit(2);
  }
  try {
    await build(names.length > 0 ? names : undefined, { force: process.argv.includes('--force') });
  } catch (error) {
    console.error(`error internal: the build failed: ${error.message}`);
    process.exit(1);
  }
}
