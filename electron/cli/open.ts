/**
 * `daybook open [DIR]`: the app as a person starts it. In a desktop window where Electron's runtime and a display are
 * there, else as a plain host in this process, with one line that says why and where it is.
 */
import path from 'node:path';
import type { Command } from 'commander';
import { DaybookError } from '#contract';
import { openFolder } from '../host/folder.ts';
import { createHost, type Host } from '../host/host.ts';
import { lockHolder } from '../host/lock.ts';
import { openBrowser } from './browser.ts';
import { downloadElectron, findElectron, showWindow } from './desktop.ts';
import { defaultPort } from './host.ts';
import { untilStopped } from './lifetime.ts';
import { sampleWorkspace } from './sample.ts';
import { examples, parseFolder, type Cli } from './verb.ts';

export function addOpen(program: Command, cli: Cli): void {
  program
    .command('open')
    .description('Open a workspace in a window, or in the browser where there is no Electron runtime. Without a folder: your copy of the sample workspace.')
    .argument('[dir]', 'workspace folder; made if missing', parseFolder)
    .option('--download', 'first download Electron’s runtime if it is not there')
    .addHelpText('after', examples('daybook open', 'daybook open ./lab'))
    .action(async (dir: string | undefined, { download }: { download?: boolean }) => {
      const workspace = dir ?? (await sampleWorkspace(path.join(cli.root, 'resources', 'sample')));
      const why = await openWindow(cli.root, workspace, download ?? false);
      if (why !== undefined) await untilStopped((stopped) => openPage(cli, workspace, why, stopped));
    });
}

/** Shows the workspace in a window until it is closed; otherwise says why it cannot. */
async function openWindow(root: string, workspace: string, download: boolean): Promise<string | undefined> {
  let electron = findElectron(root);
  if ('why' in electron && download && (await downloadElectron(root))) electron = findElectron(root);
  if ('why' in electron) return electron.why;
  return (await showWindow(electron.executable, root, workspace)) ? undefined : 'Electron could not start';
}

async function openPage(cli: Cli, workspace: string, why: string, stopped: Promise<void>): Promise<void> {
  let host: Host;
  try {
    host = await startHost(cli, workspace);
  } catch (error) {
    const running = await addressOfHost(workspace);
    if (running === undefined) throw error;
    console.error(`This workspace is open already, at ${running}`);
    await openBrowser(running);
    return;
  }
  console.error(`No desktop window: ${why}. Daybook is at ${host.url} (workspace ${workspace}); stop it with Ctrl+C.`);
  console.log(`ready ${host.url}`);
  await openBrowser(host.url);
  await stopped;
  await host.close();
}

/** Address of the host that has this workspace open now. */
async function addressOfHost(workspace: string): Promise<string | undefined> {
  const { lock, dir, machine } = await openFolder(workspace);
  return (await lockHolder({ path: lock, workspace: dir, machine }))?.address;
}

/** A host on the usual port, or on another when that is taken. */
async function startHost(cli: Cli, workspace: string): Promise<Host> {
  const start = (port: number): Promise<Host> => createHost({ workspaceDir: workspace, port, pageDir: cli.page, log: (line) => console.error(line) });
  try {
    return await start(defaultPort);
  } catch (error) {
    if (!(error instanceof DaybookError && error.code === 'unavailable')) throw error;
    console.error(`Port ${defaultPort} is in use by another program; taking a free one.`);
    return start(0);
  }
}
