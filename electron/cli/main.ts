/**
 * The command line of Daybook: one file a verb, composed here. Answers go to stdout, everything else to stderr; a
 * failure is one line `error <name>: …` and exit code 1, a wrong use of the command 2.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { failureLine } from './failure.ts';
import { addHost } from './host.ts';
import { addImport } from './import.ts';
import { addInvite } from './invite.ts';
import { addOpen } from './open.ts';
import { addRelay } from './relay.ts';
import { addVerify } from './verify.ts';
import type { Cli } from './verb.ts';

/** Runs the command with these arguments (without node and script); `root` is the package's folder. Resolves to the exit code. */
export async function runCli(args: readonly string[], root: string): Promise<number> {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  const cli: Cli = { root, version, page: path.join(root, 'dist', 'page'), exitCode: 0 };
  try {
    await createProgram(cli).parseAsync([...args], { from: 'user' });
    return cli.exitCode;
  } catch (error) {
    // Help and version end this way too, with code 0; commander has said the rest.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    console.error(failureLine(error));
    if (process.env.DAYBOOK_DEBUG && error instanceof Error) console.error(error.stack);
    return 1;
  }
}

function createProgram(cli: Cli): Command {
  const program = new Command('daybook')
    .description('Offline-first, collaborative lab notebook for machine-learning experiments.')
    .version(cli.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [verb]', 'print help on a verb')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'error invalid_argument: ')) })
    .addHelpText('after', '\nMLflow scripts log to a host by its address: mlflow.set_tracking_uri("http://127.0.0.1:5001")\n');
  addOpen(program, cli);
  addHost(program, cli);
  addRelay(program);
  addInvite(program);
  addImport(program, cli);
  addVerify(program, cli);
  return program;
}
