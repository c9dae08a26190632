/** `daybook invite --data DIR`: prints what `daybook host --team` takes. */
import { Option, type Command } from 'commander';
import { createInvite, type InviteOptions } from '#relay';
import { examples, parseFolder } from './verb.ts';

export function addInvite(program: Command): void {
  program
    .command('invite')
    .description('Print an invite to a team on a relay, for "daybook host --team" or the app’s team panel. Whoever holds it can join: send it privately.')
    .requiredOption('--data <dir>', 'data folder of the relay', parseFolder)
    .option('--team <name>', 'team; made if new', 'lab')
    .addOption(new Option('--role <role>', 'what the invited may do').choices(['owner', 'editor', 'viewer']).default('editor'))
    .option('--days <days>', 'days until it expires', Number, 7)
    .option('--url <url>', 'address under which members reach the relay, e.g. wss://relay.example.org')
    .addHelpText('after', examples('daybook invite --data ./relay', 'daybook invite --data ./relay --team vision --role viewer --days 1'))
    .action(async ({ data, ...options }: InviteOptions & { data: string }) => {
      console.log(await createInvite(data, options));
    });
}
