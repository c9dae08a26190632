/**
 * What a host remembers of its team, in the workspace's `local` folder (never shared, never copied to another host):
 *
 *   team.json         where the relay is, who this device is there, and its private key; mode 0600
 *   team-state.json   how far each document was even with the relay; losing it costs another comparison, no data
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What a relay answers to a device that joins; whoever made the invite chose the relay. */
export const joinedSchema = z.object({
  team: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  role: z.enum(['owner', 'editor', 'viewer']),
  member: z.string().max(8000),
  id: z.string().max(64),
});

const membershipSchema = z.object({
  relay: z.string(),
  team: z.string(),
  role: z.enum(['owner', 'editor', 'viewer']),
  /** The relay's statement about this device, shown to get tokens. */
  member: z.string(),
  id: z.string(),
  name: z.string(),
  /** Ed25519 private key, PKCS 8, PEM. */
  privateKey: z.string(),
});
export type Membership = z.infer<typeof membershipSchema>;

const sharedSchema = z.object({
  /** Whose log the positions belong to. */
  hostId: z.string(),
  relayId: z.string(),
  rooms: z.record(z.string(), z.object({ local: z.number(), relay: z.number() })),
  /** Chunks that the relay has confirmed. */
  chunks: z.array(z.string()),
  sharedAt: z.number().optional(),
});
export type Shared = z.infer<typeof sharedSchema>;

export interface TeamFiles {
  membership(): Promise<Membership | undefined>;
  saveMembership(membership: Membership): Promise<void>;
  shared(): Promise<Shared | undefined>;
  saveShared(shared: Shared): Promise<void>;
  /** Forgets both. */
  forget(): Promise<void>;
}

/** A file that is missing, damaged or of another form counts as absent. */
export function createTeamFiles(dir: string): TeamFiles {
  const membershipPath = join(dir, 'team.json');
  const sharedPath = join(dir, 'team-state.json');

  const read = async <T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> => {
    try {
      return schema.parse(JSON.parse(await readFile(path, 'utf8')));
    } catch {
      return undefined;
    }
  };

  const write = async (path: string, value: unknown): Promise<void> => {
    await mkdir(dir, { recursive: true });
    const temporary = `${path}.${randomBytes(4).toString('hex')}`;
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(JSON.stringify(value));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  };

  return {
    membership: () => read(membershipPath, membershipSchema),
    saveMembership: (membership) => write(membershipPath, membership),
    shared: () => read(sharedPath, sharedSchema),
    saveShared: (shared) => write(sharedPath, shared),
    async forget() {
      for (const path of [membershipPath, sharedPath]) await unlink(path).catch(() => undefined);
    },
  };
}
