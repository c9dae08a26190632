/** `daybook host --workspace DIR`: the app without a window, in this process until it is stopped. */
import type { Command } from 'commander';
import { createHost } from '../host/host.ts';
import { openBrowser } from './browser.ts';
import { joinTeam } from './joinTeam.ts';
import { untilStopped } from './lifetime.ts';
import { examples, parseFolder, parsePort, type Cli } from './verb.ts';

/** Where MLflow scripts and people look for a host. */
export const defaultPort = 5001;

export function addHost(program: Command, cli: Cli): void {
  program
    .command('host')
    .description('Serve a workspace on this machine: the app for a browser, and the tracking server for MLflow scripts. Prints "ready http://…" once it listens.')
    .requiredOption('--workspace <dir>', 'workspace folder; made if missing', parseFolder)
    .option('--port <port>', 'TCP port on 127.0.0.1; 0 for any free one', parsePort, defaultPort)
    .option('--team <invite>', 'join a team’s relay (see: daybook invite)')
    .option('--no-open', 'open no browser')
    .addHelpText('after', examples('daybook host --workspace ./lab', 'daybook host --workspace ./lab --port 0 --no-open', 'daybook host --workspace ./lab --team "$(cat invite.txt)"'))
    .action(({ workspace, port, team, open }: { workspace: string; port: number; team?: string; open: boolean }) =>
      untilStopped(async (stopped) => {
        const log = (line: string): void => console.error(line);
        const host = await createHost({ workspaceDir: workspace, port, pageDir: cli.page, log });
        let stopJoining = (): void => undefined;
        try {
          if (team !== undefined) stopJoining = await joinTeam(host.team, team, log);
          console.log(`ready ${host.url}`);
          if (open && process.stdout.isTTY) await openBrowser(host.url);
          await stopped;
        } finally {
          stopJoining();
          await host.close();
        }
      }),
    );
}
