#!/usr/bin/env node
/**
 * The command `daybook`. In a checkout it first builds what is stale (the page too for verbs that show it), then hands
 * over to the verbs in dist/cli.mjs; an installed copy has no sources and starts at once. Plain JavaScript that even
 * an old Node can read, so that the version message is what the person sees.
 */
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.dirname(path.dirname(realpathSync(fileURLToPath(import.meta.url))));
const [major, minor] = process.versions.node.split('.').map(Number);

async function run() {
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`error unavailable: Daybook needs Node 20.19 or newer; this is ${process.version}. See https://nodejs.org`);
    return 1;
  }
  const args = process.argv.slice(2);
  const showsPage = (args[0] === 'host' || args[0] === 'open') && !args.includes('--help') && !args.includes('-h');
  // Tests build once and then start many of these.
  if (!process.env.DAYBOOK_NO_BUILD && existsSync(path.join(root, 'electron', 'cli', 'main.ts'))) {
    const { build } = await import('./build.mjs');
    await build(showsPage ? (args[0] === 'open' ? ['cli', 'host', 'shell', 'preload', 'page'] : ['cli', 'page']) : ['cli']);
  }
  const { runCli } = await import(pathToFileURL(path.join(root, 'dist', 'cli.mjs')).href);
  return runCli(args, root);
}

try {
  process.exitCode = await run();
} catch (error) {
  console.error(`error internal: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
