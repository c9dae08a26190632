/**
 * One host a workspace: a lock file, made exclusively, that says who holds it. A lock whose owner is gone (its process
 * ended, the machine was restarted, the folder was copied or moved to another place or machine) is taken over.
 *
 *   const lock = await takeLock({ path, workspace, machine });     // DaybookError wrong_state: who holds it, and where
 *   await lock.tell('http://127.0.0.1:5001');
 *   await lock.release();
 */
import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname, uptime } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { DaybookError } from '#contract';

export interface Lock {
  /** Tells others at which address this host answers. */
  tell(address: string): Promise<void>;
  release(): Promise<void>;
}

export interface LockOptions {
  path: string;
  /** Real path of the workspace: a copied folder carries a copy of the lock. */
  workspace: string;
  /** Which machine this is. */
  machine: string;
}

const schema = z.object({
  pid: z.number().int().positive(),
  /** Which start of the machine and of the process: a process id alone may have been given anew. */
  boot: z.string(),
  started: z.string(),
  workspace: z.string(),
  machine: z.string(),
  host: z.string(),
  nonce: z.string(),
  address: z.string().optional(),
});
type Owner = z.output<typeof schema>;

export async function takeLock({ path, workspace, machine }: LockOptions): Promise<Lock> {
  const mine: Owner = {
    pid: process.pid,
    boot: await bootId(),
    started: await startOf(process.pid),
    workspace,
    machine,
    host: hostname(),
    nonce: randomUUID(),
  };
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (await create(path, mine)) return { tell: (address) => replace(path, { ...mine, address }), release: () => release(path, mine.nonce) };
    const owner = await readOwner(path);
    if (owner === 'gone') continue;
    if (owner && (await isAlive(owner, mine))) {
      throw new DaybookError('wrong_state', `This workspace is open already: by process ${owner.pid}${owner.address ? ` at ${owner.address}` : ''}. Close it there, or use that one.`, 'workspace');
    }
    await takeAway(path, owner?.nonce);
  }
  throw new DaybookError('wrong_state', `The lock of this workspace keeps changing hands. Other hosts are starting on it; try again.`, 'workspace');
}

/** Who holds the lock of a workspace now; undefined when nobody does. */
export async function lockHolder({ path, workspace, machine }: LockOptions): Promise<{ pid: number; address?: string } | undefined> {
  const owner = await readOwner(path);
  if (!owner || owner === 'gone') return undefined;
  const here = { workspace, machine, boot: await bootId() };
  return (await isAlive(owner, here)) ? { pid: owner.pid, ...(owner.address ? { address: owner.address } : {}) } : undefined;
}

async function create(path: string, owner: Owner): Promise<boolean> {
  // Written aside and linked, so that nobody ever reads half a lock.
  const temporary = `${path}.${owner.nonce}`;
  await write(temporary, owner);
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error;
    return await createExclusively(path, owner);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** For file systems without hard links. */
async function createExclusively(path: string, owner: Owner): Promise<boolean> {
  try {
    await write(path, owner);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function write(path: string, owner: Owner): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(owner)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function replace(path: string, owner: Owner): Promise<void> {
  const temporary = `${path}.${owner.nonce}`;
  await write(temporary, owner);
  await rename(temporary, path);
}

async function release(path: string, nonce: string): Promise<void> {
  const owner = await readOwner(path);
  if (owner && owner !== 'gone' && owner.nonce === nonce) await rm(path, { force: true });
}

/** The owner in a lock file; undefined when it is unreadable, `gone` when there is none. */
async function readOwner(path: string): Promise<Owner | 'gone' | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * Removes a dead lock, one process at a time: between reading that it is dead and removing it, another may have put its
 * own in that place, and removing that one would let two in.
 */
async function takeAway(path: string, nonce: string | undefined): Promise<void> {
  const guard = `${path}.takeover`;
  try {
    await (await open(guard, 'wx', 0o600)).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const since = await stat(guard).then(({ mtimeMs }) => mtimeMs, () => Date.now());
    // Left by a process that ended in the few milliseconds below.
    if (Date.now() - since > guardLimitMs) await rm(guard, { force: true });
    else await setTimeout(10 + Math.random() * 20);
    return;
  }
  try {
    const owner = await readOwner(path);
    if (owner !== 'gone' && owner?.nonce === nonce) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

const guardLimitMs = 10_000;

async function isAlive(owner: Owner, here: Pick<Owner, 'workspace' | 'machine' | 'boot'>): Promise<boolean> {
  // Elsewhere it cannot be probed; it would write a log folder of its own, so taking over harms nothing.
  if (owner.workspace !== here.workspace || owner.machine !== here.machine || owner.boot !== here.boot) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return (await startOf(owner.pid)) === owner.started;
}

/** Changes with every start of the machine. */
async function bootId(): Promise<string> {
  const id = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined);
  // Without such an id: the time of the start, to ten minutes, because clocks are corrected.
  return id?.trim() ?? String(Math.round((Date.now() / 1000 - uptime()) / 600));
}

/** When a process started, where the system says so; empty elsewhere. */
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
