/**
 * Who may talk to this host over loopback. A browser page of anyone's can send requests to 127.0.0.1; a stock
 * MLflow client cannot send a secret. What tells them apart are headers that scripts cannot forge, so every request
 * and every upgrade passes these checks, in this order, before its body is read:
 *
 *   1. exactly one Host, naming loopback             against DNS rebinding
 *   2. Origin, if any, is the page's own             against forms, fetch and WebSocket of other pages; `null` never is
 *   3. Sec-Fetch-Site, if any, is none/same-origin   against <img>, <script> and links, which send no Origin
 *   4. no OPTIONS                                    a preflight is never granted
 *   5. bodies are JSON (but for artifact uploads)    against "simple" requests of browsers without the headers above
 *
 * On Linux a connection of another user of the machine is refused as well (`peerUser`).
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';
import { endianness } from 'node:os';
import { percentDecode } from './artifactPath.ts';

export interface LoopbackOptions {
  /** More names that Host may have, e.g. `host.docker.internal`. */
  hosts?: readonly string[];
  /** More origins whose pages may use the host, e.g. a development server's. */
  origins?: readonly string[];
  /** Whose connections to accept; undefined accepts every user's. */
  uid?: number;
}

export interface Refusal {
  status: 400 | 401 | 403;
  message: string;
}

/** Prefixes that scripts use and the page never calls: no Origin is right for them, not even the page's own. */
const scriptPaths = /^\/(?:api|ajax-api)\//;
const uploadPath = /^\/(?:api|ajax-api)\/[23]\.0\/mlflow-artifacts\/artifacts\//;
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** A check of requests and upgrades: why one is refused, or undefined when it may pass. */
export function createLoopbackFilter(options: LoopbackOptions = {}): (request: IncomingMessage) => Refusal | undefined {
  const hosts = new Set((options.hosts ?? []).map((name) => name.toLowerCase()));
  const origins = new Set(options.origins ?? []);
  let goodHost: string | undefined;
  const verdicts = new WeakMap<Socket, boolean>();

  function hostRefusal(host: string | undefined): Refusal | undefined {
    if (host !== undefined && host === goodHost) return undefined;
    const name = hostName(host);
    if (name === undefined || !(isLoopback(name) || hosts.has(name))) {
      return { status: 403, message: 'Invalid Host header - possible DNS rebinding attack detected. Use the address that Daybook printed, such as http://127.0.0.1:5001.' };
    }
    goodHost = host;
    return undefined;
  }

  return (request) => {
    const { headers, method = 'GET', url = '' } = request;
    if (options.uid !== undefined && !verdicts.has(request.socket)) {
      verdicts.set(request.socket, peerUser(request.socket, options.uid) !== 'other');
    }
    if (verdicts.get(request.socket) === false) {
      return { status: 401, message: 'This Daybook belongs to another user of this machine.' };
    }
    if (countHosts(request.rawHeaders) !== 1) return { status: 403, message: 'Invalid Host header: exactly one is needed.' };
    const badHost = hostRefusal(headers.host);
    if (badHost) return badHost;
    if (!url.startsWith('/')) return { status: 400, message: 'The request must name a path.' };
    const { origin } = headers;
    if (origin !== undefined && !origins.has(origin) && (scriptPaths.test(percentDecode(url)) || origin !== `http://${headers.host}`)) {
      return { status: 403, message: 'Cross-origin request blocked.' };
    }
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'none' && site !== 'same-origin' && !(origin !== undefined && origins.has(origin))) {
      return { status: 403, message: 'Cross-site request blocked.' };
    }
    if (method === 'OPTIONS') return { status: 403, message: 'Cross-origin requests are not granted.' };
    if (hasBody(request) && !isJson(headers['content-type']) && !(method === 'PUT' && uploadPath.test(url))) {
      return { status: 400, message: `Bad Request. Content-Type header must be application/json, not ${printable(headers['content-type'])}.` };
    }
    return undefined;
  };
}

/** Host header → lower-case name or address without port; undefined when it is malformed. */
function hostName(host: string | undefined): string | undefined {
  const parts = /^(?:\[([\da-fA-F:.]+)\]|([\w.-]+))(?::\d{1,5})?$/.exec(host ?? '');
  return (parts?.[1] ?? parts?.[2])?.toLowerCase();
}

function isLoopback(name: string): boolean {
  if (name === 'localhost') return true;
  const version = isIP(name);
  return version !== 0 && loopback.check(name, version === 6 ? 'ipv6' : 'ipv4');
}

function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count;
}

function hasBody({ headers, method }: IncomingMessage): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

function isJson(type: string | undefined): boolean {
  if (type === 'application/json') return true;
  return type !== undefined && /^application\/json\s*(?:;|$)/i.test(type);
}

const printable = (type: string | undefined) => (type === undefined ? 'absent' : JSON.stringify(type.slice(0, 80)));

/**
 * Whether the process at the other end of a loopback connection runs as `uid` (or as root, who may do anything anyway).
 * Looks the connection up in Linux's table of sockets; `unknown` on other systems and when the table does not show it.
 */
export function peerUser(socket: Socket, uid: number, readTable: (file: string) => string = (file) => readFileSync(file, 'latin1')): 'same' | 'other' | 'unknown' {
  if (process.platform !== 'linux') return 'unknown';
  const peer = hexEndpoint(socket.remoteAddress, socket.remotePort);
  const here = hexEndpoint(socket.localAddress, socket.localPort);
  if (peer === undefined || here === undefined) return 'unknown';
  // In the peer's row its own end comes first; both ends are on this machine.
  const ends = new RegExp(`^ *\\d+: ${peer} ${here} (.*)$`, 'm');
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    let table: string;
    try {
      table = readTable(file);
    } catch {
      // No table, no verdict: the other checks still stand.
      continue;
    }
    const row = ends.exec(table)?.[1]?.trim().split(/\s+/);
    const owner = row?.[4];
    const inode = row?.[6];
    if (owner === undefined || inode === undefined) continue;
    // A socket already given up by its process shows no inode and uid 0, whoever it was.
    if (inode === '0') return 'other';
    return Number(owner) === uid || Number(owner) === 0 ? 'same' : 'other';
  }
  return 'unknown';
}

/** `0100007F:1389`: the address as the kernel prints it, each 32-bit word in the machine's byte order. */
function hexEndpoint(address: string | undefined, port: number | undefined): string | undefined {
  if (address === undefined || port === undefined) return undefined;
  let bytes: number[];
  if (isIP(address) === 4) bytes = address.split('.').map(Number);
  else if (address === '::1') bytes = [...Array<number>(15).fill(0), 1];
  else return undefined;
  const words: string[] = [];
  for (let i = 0; i < bytes.length; i += 4) {
    const word = bytes.slice(i, i + 4);
    if (endianness() === 'LE') word.reverse();
    words.push(...word.map((byte) => byte.toString(16).padStart(2, '0')));
  }
  return `${words.join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
}
