/**
 * Who may do what on a relay: one secret per data folder, and statements signed with it (HMAC-SHA256), so that nothing
 * about members needs to be stored and a restored backup lets nobody in whom the present one would not.
 *
 *   invite  `daybook://join#` + base64url JSON { relay, team, role, exp, epoch, nonce, mac }; anyone who holds it may join
 *   member  { id, team, role, name, key, epoch }   what a device gets for an invite; useless without its Ed25519 key
 *   token   { sub, team, role, name, epoch, exp }  what it gets, for 15 minutes, by signing the time with that key
 *
 * Taking access back: `DATA/revoked.json`, read again when it changes:
 *   { "<team>": { "epoch": 1, "invites": ["<nonce>"], "members": ["<id>"] } }
 * A raised epoch ends every invite, member and token of the team. `DATA/members.jsonl` lists who joined and when.
 */
import { createHmac, createPublicKey, randomBytes, timingSafeEqual, verify } from 'node:crypto';
import { appendFile, chmod, mkdir, open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Role } from './guard.ts';

export interface Grant {
  /** Member id: 16 hex digits. */
  member: string;
  name: string;
  team: string;
  role: Role;
  epoch: number;
}

export interface InviteOptions {
  team?: string;
  role?: Role;
  /** Days until nobody can join with it any more; 7. */
  days?: number;
  /** Where members reach the relay, when that is not where it listens (behind TLS): `wss://relay.example`. */
  url?: string;
}

/** What a device sends to join: its public key (Ed25519, 32 bytes as base64url) and its person's display name. */
export interface JoinRequest {
  invite: string;
  key: string;
  name: string;
}

export interface TokenRequest {
  member: string;
  /** Milliseconds since the epoch; at most 5 minutes off. */
  time: number;
  /** Ed25519 signature of `tokenChallenge(member, time)`, base64url. */
  signature: string;
}

export interface Authority {
  join(request: JoinRequest): Promise<{ member: string; id: string; team: string; role: Role }>;
  token(request: TokenRequest): Promise<{ token: string; expiresAt: number }>;
  /** What a token grants; undefined when it grants nothing (any more). */
  check(token: string | undefined): Promise<Grant | undefined>;
  /** Whether access granted earlier still stands. */
  stands(grant: Grant): Promise<boolean>;
}

/** Refused, or asked for in a way that makes no sense. Never says which of its parts was wrong to an outsider. */
export class AccessError extends Error {
  constructor(
    readonly code: 'forbidden' | 'invalid_argument' | 'not_found',
    message: string,
    readonly field?: string,
  ) {
    super(message);
    this.name = 'AccessError';
  }
}

export const inviteScheme = 'daybook://join#';
const tokenMs = 15 * 60_000;
const skewMs = 5 * 60_000;
const dayMs = 24 * 3600_000;
const teamPattern = /^[a-z0-9][a-z0-9-]{0,31}$/;
const roles: readonly Role[] = ['owner', 'editor', 'viewer'];
const files = { secret: 'secret', revoked: 'revoked.json', members: 'members.jsonl', relay: 'relay.json' } as const;

/** What a device signs to get a token. */
export const tokenChallenge = (member: string, time: number): Uint8Array =>
  new TextEncoder().encode(`daybook token\n${member}\n${time}`);

/** Opens the authority of a data folder, making its secret when there is none. */
export async function openAuthority(dataDir: string, now: () => number = Date.now): Promise<Authority> {
  const seal = createSeal(await readSecret(dataDir));
  const revoked = revocations(dataDir);

  const stands = async ({ team, member, epoch }: { team: string; member: string; epoch: number }): Promise<boolean> => {
    const state = (await revoked())[team] ?? {};
    return epoch === (state.epoch ?? 0) && !state.members?.includes(member);
  };

  return {
    async join({ invite, key, name }) {
      const claims = readInvite(invite);
      const { mac, ...signed } = claims;
      const state = (await revoked())[claims.team] ?? {};
      const valid =
        seal.matches('invite', canonical(signed), mac) &&
        claims.exp > now() &&
        claims.epoch === (state.epoch ?? 0) &&
        !state.invites?.includes(claims.nonce);
      if (!valid) throw new AccessError('forbidden', 'The invite is not valid (any more). Ask for a new one.', 'invite');
      if (!isKey(key)) throw new AccessError('invalid_argument', 'key must be 32 bytes of Ed25519 as base64url.', 'key');
      const { team, role, epoch } = claims;
      const id = randomBytes(8).toString('hex');
      const member = seal.write('member', { id, team, role, name: name.slice(0, 100), key, epoch });
      const line = JSON.stringify({ at: new Date(now()).toISOString(), id, team, role, name: name.slice(0, 100) });
      await appendFile(join(dataDir, files.members), `${line}\n`, { mode: 0o600 });
      return { member, id, team, role };
    },
    async token({ member, time, signature }) {
      const claims = seal.read<{ id: string; team: string; role: Role; name: string; key: string; epoch: number }>('member', member);
      const valid =
        claims !== undefined &&
        Math.abs(time - now()) <= skewMs &&
        signedBy(claims.key, tokenChallenge(member, time), signature) &&
        (await stands({ team: claims.team, member: claims.id, epoch: claims.epoch }));
      if (!valid) throw new AccessError('forbidden', 'The relay does not know this device (any more), or its clock is off.');
      const { id, team, role, name, epoch } = claims;
      const expiresAt = now() + tokenMs;
      return { token: seal.write('token', { sub: id, team, role, name, epoch, exp: expiresAt }), expiresAt };
    },
    async check(token) {
      const claims = token
        ? seal.read<{ sub: string; team: string; role: Role; name: string; epoch: number; exp: number }>('token', token)
        : undefined;
      if (!claims || claims.exp <= now()) return undefined;
      const grant = { member: claims.sub, name: claims.name, team: claims.team, role: claims.role, epoch: claims.epoch };
      return (await stands(grant)) ? grant : undefined;
    },
    stands,
  };
}

/** Makes an invite for the relay whose data lies in `dataDir`. AccessError names what is missing. */
export async function createInvite(dataDir: string, options: InviteOptions = {}): Promise<string> {
  const { team = 'lab', role = 'editor', days = 7 } = options;
  if (!teamPattern.test(team)) {
    throw new AccessError('invalid_argument', 'team must be lower-case letters, digits and dashes, at most 32.', 'team');
  }
  if (!roles.includes(role)) throw new AccessError('invalid_argument', `role must be one of ${roles.join(', ')}.`, 'role');
  if (!(days > 0 && days <= 365)) throw new AccessError('invalid_argument', 'days must be between 0 and 365.', 'days');
  const relay = options.url ?? (await readJson<{ url?: string }>(join(dataDir, files.relay)))?.url;
  if (!relay) {
    throw new AccessError('not_found', 'This relay has never been started, so its address is unknown. Start it, or give its address.', 'url');
  }
  const seal = createSeal(await readSecret(dataDir));
  const epoch = (await revocations(dataDir)())[team]?.epoch ?? 0;
  const signed = { relay, team, role, exp: Date.now() + days * dayMs, epoch, nonce: randomBytes(12).toString('base64url') };
  return inviteScheme + toBase64(JSON.stringify({ ...signed, mac: seal.mac('invite', canonical(signed)) }));
}

/** Takes access back: of one invite, of one member, or (with neither) of everybody in the team. */
export async function revoke(dataDir: string, { team, invite, member }: { team: string; invite?: string; member?: string }): Promise<void> {
  const path = join(dataDir, files.revoked);
  const all = (await readJson<Revoked>(path)) ?? {};
  const { epoch = 0, invites = [], members = [] } = all[team] ?? {};
  if (invite) invites.push(readInvite(invite).nonce);
  if (member) members.push(member);
  all[team] = { epoch: invite || member ? epoch : epoch + 1, invites, members };
  await writeDurably(path, JSON.stringify(all, null, 2));
}

/** Remembers where the relay listens, for `createInvite`. */
export async function rememberUrl(dataDir: string, url: string): Promise<void> {
  await writeDurably(join(dataDir, files.relay), JSON.stringify({ url }, null, 2));
}

interface Invite {
  relay: string;
  team: string;
  role: Role;
  exp: number;
  epoch: number;
  nonce: string;
  mac: string;
}

/** Reads an invite without judging it. AccessError `invalid_argument` when it is none. */
export function readInvite(invite: string): Invite {
  const problem = new AccessError('invalid_argument', `This is not an invite. One begins with ${inviteScheme}`, 'invite');
  if (!invite.startsWith(inviteScheme)) throw problem;
  const claims = parseJson<Partial<Invite>>(Buffer.from(invite.slice(inviteScheme.length), 'base64url').toString());
  const { relay, team, role, exp, epoch, nonce, mac } = claims ?? {};
  const sound =
    typeof relay === 'string' &&
    typeof team === 'string' &&
    teamPattern.test(team) &&
    roles.includes(role as Role) &&
    typeof exp === 'number' &&
    typeof epoch === 'number' &&
    typeof nonce === 'string' &&
    typeof mac === 'string';
  if (!sound) throw problem;
  return { relay, team, role: role as Role, exp, epoch, nonce, mac };
}

type Revoked = Record<string, { epoch?: number; invites?: string[]; members?: string[] }>;

/** Reads `revoked.json` when it has changed. A damaged file keeps the last good state rather than forgiving anyone. */
function revocations(dataDir: string): () => Promise<Revoked> {
  const path = join(dataDir, files.revoked);
  let seen = '';
  let state: Revoked = {};
  return async () => {
    const info = await stat(path).catch(() => undefined);
    const mark = info ? `${info.mtimeMs} ${info.size} ${info.ino}` : '';
    if (mark !== seen) {
      state = (await readJson<Revoked>(path)) ?? state;
      seen = mark;
    }
    return state;
  };
}

function createSeal(secret: Buffer) {
  const mac = (purpose: string, text: string): string =>
    createHmac('sha256', secret).update(`${purpose}\n${text}`).digest('base64url');
  const matches = (purpose: string, text: string, given: string): boolean => {
    const [a, b] = [Buffer.from(mac(purpose, text)), Buffer.from(given)];
    return a.length === b.length && timingSafeEqual(a, b);
  };
  return {
    mac,
    matches,
    write(purpose: string, claims: object): string {
      const payload = toBase64(JSON.stringify(claims));
      return `${payload}.${mac(purpose, payload)}`;
    },
    /** The claims, when they were sealed here for this purpose. */
    read<T>(purpose: string, text: string): T | undefined {
      const [payload = '', given = ''] = text.split('.');
      return matches(purpose, payload, given) ? parseJson<T>(Buffer.from(payload, 'base64url').toString()) : undefined;
    },
  };
}

function signedBy(key: string, message: Uint8Array, signature: string): boolean {
  try {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' });
    return verify(null, message, publicKey, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}

const isKey = (key: string): boolean => /^[\w-]{43}$/.test(key);
const toBase64 = (text: string): string => Buffer.from(text).toString('base64url');
const canonical = ({ relay, team, role, exp, epoch, nonce }: Omit<Invite, 'mac'>): string =>
  JSON.stringify([relay, team, role, exp, epoch, nonce]);

async function readSecret(dataDir: string): Promise<Buffer> {
  const path = join(dataDir, files.secret);
  await mkdir(dataDir, { recursive: true });
  try {
    await writeFile(path, randomBytes(32), { flag: 'wx', mode: 0o600, flush: true });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  await chmod(path, 0o600);
  const secret = await readFile(path);
  if (secret.length !== 32) throw new AccessError('invalid_argument', `${files.secret} in the data folder is damaged; restore it or delete it and invite everyone again.`);
  return secret;
}

async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}`;
  const file = await open(temporary, 'wx', 0o600);
  await file.writeFile(text);
  await file.sync();
  await file.close();
  await rename(temporary, path);
}

async function readJson<T>(path: string): Promise<T | undefined> {
  return parseJson<T>(await readFile(path, 'utf8').catch(() => ''));
}

function parseJson<T>(text: string): T | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
