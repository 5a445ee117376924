/** `keyturn factor enrol | reset | list`, with help that teaches by examples. */
import type { Command } from 'commander';
import { enrol, list, reset } from './factor.ts';
import { withFactors } from './factor-here.ts';
import type { CliWorld, Exit } from './world.ts';

export function addFactor(program: Command, world: CliWorld, done: (code: Exit) => void): void {
  const factor = program
    .command('factor')
    .description('who has a second factor for clusters with `second_factor: totp`: enrol, reset, list')
    .addHelpText(
      'after',
      `
Both people sit at Keyturn's own machine: the secret is shown there once and never goes through Slack. KEYTURN_ADMINISTRATORS names those who
enrol others; each proves with a code of their own who they are. Name two at least: nobody resets themselves.

Examples:
  $ keyturn factor enrol U0DANA0001 --by U0DANA0001   the very first one, an administrator; nobody is enrolled yet
  $ keyturn factor enrol U0SAM00001 --by U0DANA0001   everybody else
  $ keyturn factor reset U0SAM00001 --by U0DANA0001 --reason "lost the telephone"
  $ keyturn factor list

More: docs/second-factor.md
Exit code: 0 it was done, 1 it was not, 2 it cannot be done as it was typed or set up.`,
    );
  factor
    .command('enrol <user>')
    .description('give somebody a second factor: a QR code for their authenticator app, confirmed with its first code')
    .requiredOption('--by <administrator>', 'id of the administrator who does it')
    .addHelpText('after', '\nExample:\n  $ keyturn factor enrol U0SAM00001 --by U0DANA0001')
    .action(async (user: string, { by }: { by: string }) => done(await withFactors(world.env, (office) => enrol(world, office, user, by))));
  factor
    .command('reset <user>')
    .description('take a second factor away, after its device was lost or changed')
    .requiredOption('--by <administrator>', 'id of the administrator who does it')
    .requiredOption('--reason <words>', 'why; it stands in the register')
    .addHelpText('after', '\nExample:\n  $ keyturn factor reset U0SAM00001 --by U0DANA0001 --reason "lost the telephone"')
    .action(async (user: string, { by, reason }: { by: string; reason: string }) =>
      done(await withFactors(world.env, (office) => reset(world, office, user, by, reason))),
    );
  factor
    .command('list')
    .description('who is enrolled, by whom and since when')
    .addHelpText('after', '\nExample:\n  $ keyturn factor list')
    .action(async () => done(await withFactors(world.env, (office) => list(world, office))));
}
