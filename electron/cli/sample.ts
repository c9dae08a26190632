/** The sample workspace: shipped in resources/, copied once to a folder of the person's own, and theirs from then on. */
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

/** Where this person's data of Daybook belongs on this system. */
export function dataFolder(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform, home = homedir()): string {
  const absolute = (folder: string | undefined): string | undefined => (folder && path.isAbsolute(folder) ? folder : undefined);
  if (platform === 'win32') return path.join(absolute(env.APPDATA) ?? path.join(home, 'AppData', 'Roaming'), 'Daybook');
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Daybook');
  return path.join(absolute(env.XDG_DATA_HOME) ?? path.join(home, '.local', 'share'), 'daybook');
}

/**
 * Folder of the person's sample workspace, copied from `shipped` the first time. Without a shipped sample an empty
 * folder takes its place.
 */
export async function sampleWorkspace(shipped: string, data = dataFolder()): Promise<string> {
  const workspace = path.join(data, 'sample');
  if (await exists(workspace)) return workspace;
  await mkdir(data, { recursive: true });
  if (!(await exists(shipped))) {
    await mkdir(workspace, { recursive: true });
    return workspace;
  }
  // Complete before it has its name: a copy that was interrupted is made anew next time.
  const unfinished = `${workspace}.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await cp(shipped, unfinished, { recursive: true });
  await rename(unfinished, workspace).catch(async (error: NodeJS.ErrnoException) => {
    await rm(unfinished, { recursive: true, force: true });
    // Someone else was faster.
    if (!(await exists(workspace))) throw error;
  });
  return workspace;
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
