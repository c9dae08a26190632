/**
 * The folder of a workspace and what of it is whose.
 *
 *   README.txt          what this folder is
 *   workspace.json      format, when it was made
 *   log/<host>/…        what each host wrote: the truth
 *   chunks/ab/…         artifacts, metric points, snapshots: immutable bytes by SHA-256
 *   state/*.json        experiments and runs, readable; rebuilt from the log when missing
 *   local/              this machine's own: host.json, team.json, lock (0700, not to be shared)
 *
 * A host id belongs to one folder on one machine: a folder that was copied or moved elsewhere gets a new one, so that
 * two hosts never write as one. It also gets a new one when its log is gone, because numbers in its log start anew.
 */
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { DaybookError } from '#contract';
import { createStateFile, syncFolder } from './state.ts';

export interface WorkspaceFolder {
  /** Real path. */
  dir: string;
  log: string;
  chunks: string;
  state: string;
  local: string;
  lock: string;
  machine: string;
}

export const workspaceFormat = 1;

const readme = `This folder is a Daybook workspace: experiments, runs, metrics, artifacts and notes.

  log/      everything that was written, in order; the truth
  chunks/   files and metric points, each named by the SHA-256 of its bytes
  state/    experiments and runs as JSON, for you to read; changes made there have no effect
  local/    what belongs to this machine alone; do not share it

Copy the whole folder to back it up, while no host has it open.
`;

/** Makes what is missing of a workspace folder. DaybookError `too_new`, or `invalid_argument` when it is a file. */
export async function openFolder(path: string): Promise<WorkspaceFolder> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOTDIR') throw new DaybookError('invalid_argument', `${path} is not a folder. Name a folder for the workspace.`, 'workspace');
    throw error;
  }
  const dir = await realpath(path);
  const inside = (name: string): string => join(dir, name);
  const folder = { dir, log: inside('log'), chunks: inside('chunks'), state: inside('state'), local: inside('local'), lock: inside('local/lock'), machine: await machineId() };
  for (const each of [folder.log, folder.chunks, folder.state]) await mkdir(each, { recursive: true });
  await mkdir(folder.local, { recursive: true, mode: 0o700 });
  await chmod(folder.local, 0o700);
  await writeFile(inside('README.txt'), readme, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return folder;
}

const workspaceSchema = z.object({ format: z.number().int().min(1), createdAt: z.number() });

/** Checks the format of a workspace; a new one is marked with ours. Call it holding the lock. */
export async function checkFormat({ dir }: WorkspaceFolder, onProblem: (message: string) => void, now: number): Promise<void> {
  const file = createStateFile({ path: join(dir, 'workspace.json'), format: workspaceFormat, schema: workspaceSchema, onDamaged: onProblem });
  if (!(await file.read())) await file.write({ format: workspaceFormat, createdAt: now });
  await syncFolder(dir);
}

const hostSchema = z.object({ format: z.literal(1), hostId: z.string().regex(/^[\da-f]{16}$/), machine: z.string(), path: z.string() });

/** This host's id in this workspace. Call it holding the lock. */
export async function hostIdOf({ dir, local, log, machine }: WorkspaceFolder, onProblem: (message: string) => void): Promise<string> {
  const file = createStateFile({ path: join(local, 'host.json'), format: 1, schema: hostSchema, onDamaged: onProblem, mode: 0o600 });
  const known = await file.read();
  const hasLog = known !== undefined && (await readdir(join(log, known.hostId)).catch(() => [])).length > 0;
  if (known && hasLog && known.machine === machine && known.path === dir) return known.hostId;
  const hostId = randomBytes(8).toString('hex');
  await file.write({ format: 1, hostId, machine, path: dir });
  return hostId;
}

/** Log folders of other hosts, as they are after a folder was copied, and how many bytes they hold. */
export async function foreignLogs({ log }: WorkspaceFolder, hostId: string): Promise<{ dir: string; hostId: string; bytes: number }[]> {
  const found = [];
  for (const entry of await readdir(log, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === hostId) continue;
    const dir = join(log, entry.name);
    let bytes = 0;
    for (const name of await readdir(dir)) bytes += (await stat(join(dir, name))).size;
    found.push({ dir, hostId: entry.name, bytes });
  }
  return found.sort((a, b) => (a.hostId < b.hostId ? -1 : 1));
}

/** A name for this machine that says nothing about it. */
async function machineId(): Promise<string> {
  const id = (await readFile('/etc/machine-id', 'utf8').catch(() => '')).trim() || hostname();
  return createHash('sha256').update(`daybook ${id}`).digest('hex').slice(0, 32);
}
