/**
 * Entry of a host in a process of its own: under the desktop app (utilityProcess, which is told the address by message)
 * or plain node (which prints it). Arguments: --workspace DIR [--port N]. The page is in `page/` beside this bundle.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DaybookError } from '#contract';
import type { HostMessage } from '../hostMessages.ts';
import { createHost } from './host.ts';

/** The channel to the shell, as a utility process has it. */
interface ShellPort {
  postMessage(message: HostMessage): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

const shell = (process as { parentPort?: ShellPort }).parentPort;

function tell(message: HostMessage): void {
  if (shell) shell.postMessage(message);
  else if (message.type === 'ready') process.stdout.write(`ready ${message.url}\n`);
  else process.stderr.write(`error ${message.code}: ${message.message}\n`);
}

/** Starts the host and serves until the shell or a signal ends it. */
async function run(): Promise<void> {
  const { values } = parseArgs({ options: { workspace: { type: 'string' }, port: { type: 'string', default: '5001' } } });
  if (!values.workspace) throw new DaybookError('invalid_argument', 'Name the workspace folder: --workspace DIR', 'workspace');
  const options = {
    workspaceDir: values.workspace,
    pageDir: join(fileURLToPath(import.meta.url), '..', 'page'),
    log: (line: string) => process.stderr.write(`${line}\n`),
  };
  const host = await createHost({ ...options, port: Number(values.port) }).catch((error: unknown) => {
    // A window needs no particular port; scripts are told the address in it.
    if (shell && error instanceof DaybookError && error.code === 'unavailable') return createHost({ ...options, port: 0 });
    throw error;
  });
  let closing = false;
  const end = (): void => {
    if (closing) return;
    closing = true;
    host.close().then(
      () => process.exit(0),
      (error: unknown) => {
        options.log(String(error));
        process.exit(1);
      },
    );
  };
  shell?.on('message', ({ data }) => {
    if ((data as { type?: unknown } | null)?.type === 'close') end();
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  tell({ type: 'ready', url: host.url });
}

run().catch((error: unknown) => {
  const { code, message } = error instanceof DaybookError ? error : { code: 'internal', message: String(error) };
  tell({ type: 'failed', code, message });
  process.exitCode = 1;
  if (shell) setTimeout(() => process.exit(1), 200);
});
