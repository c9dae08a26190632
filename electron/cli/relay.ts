/** `daybook relay --data DIR`: the team's relay, in this process until it is stopped. */
import type { Command } from 'commander';
import { startRelay } from '#relay';
import { untilStopped } from './lifetime.ts';
import { examples, parseFolder, parsePort } from './verb.ts';

export function addRelay(program: Command): void {
  program
    .command('relay')
    .description('Run the relay over which a team’s hosts exchange their work. Prints "ready ws://…" once it listens.')
    .requiredOption('--data <dir>', 'folder for everything the relay keeps; made if missing', parseFolder)
    .option('--port <port>', 'TCP port; 0 for any free one', parsePort, 1234)
    .option('--hostname <address>', 'address to listen on; put TLS in front before others can reach it', '127.0.0.1')
    .addHelpText('after', examples('daybook relay --data ./relay', 'daybook relay --data /var/lib/daybook --port 8443 --hostname 0.0.0.0'))
    .action(({ data, port, hostname }: { data: string; port: number; hostname: string }) =>
      untilStopped(async (stopped) => {
        const relay = await startRelay({ dataDir: data, port, hostname, log: (event, details) => console.error(`${event} ${JSON.stringify(details)}`) });
        console.log(`ready ${relay.url}`);
        await stopped;
        await relay.close();
      }),
    );
}
