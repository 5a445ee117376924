/** `keyturn register` on the command line. */
import type { Command } from 'commander';
import { type RegisterOptions, register } from './register.ts';
import type { CliWorld, Exit } from './world.ts';

export function addRegister(program: Command, world: CliWorld, done: (code: Exit) => void): void {
  program
    .command('register [list]')
    .description(
      'refusals, emergencies (break-glass, freeze windows overridden) with their reviews, notes after the end of a run, changes of second factors; newest first',
    )
    .option('--from <time>', 'not before this day or time, UTC')
    .option('--to <time>', 'before this day or time, UTC; a day itself is not in it')
    .option('--json', 'for programs: one entry a line', false)
    .addHelpText('after', HELP)
    .action(async (list: string | undefined, options: RegisterOptions) => done(await register(world, list, options)));
}

const HELP = `
Lists: refusals, emergencies, notes, factors; all of them unless one is named. Each entry is proved before it is shown; keyturn verify proves that none
is missing. What still waits for a review: keyturn reviews.

Examples:
  $ keyturn register emergencies --from 2026-01-01 --to 2027-01-01   the year 2026
  $ keyturn register refusals --json | jq 'select(.action == "approve")'

Exit code: 0 shown, 2 the list, a time or the set-up is wrong, or an entry is not what Keyturn wrote.`;
