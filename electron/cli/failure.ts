/** An error as the one line on stderr that a person or a script reads: `error <name>: <what is wrong and how to fix it>`. */

/** The line for any error; its name is the code of one of our errors, one that fits a system error, else `internal`. */
export function failureLine(error: unknown): string {
  return `error ${nameOf(error)}: ${messageOf(error).replace(/\s*\n\s*/g, ' ')}`;
}

/** System errors, by the name that says the same. */
const systemNames: Record<string, string> = {
  EADDRINUSE: 'unavailable',
  EADDRNOTAVAIL: 'unavailable',
  EACCES: 'forbidden',
  EPERM: 'forbidden',
  EROFS: 'read_only',
  ENOSPC: 'disk_full',
  EDQUOT: 'disk_full',
  ENOENT: 'not_found',
  ENOTDIR: 'not_found',
};

function nameOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (typeof code !== 'string') return 'internal';
  // Ours (DaybookError, StoreError, AccessError) are words, the system's are capitals.
  return /^[a-z][a-z_]*$/.test(code) ? code : (systemNames[code] ?? 'internal');
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  return code === 'EADDRINUSE' ? `Port ${port} is in use. Choose another with --port, or --port 0 for any free one.` : error.message;
}
