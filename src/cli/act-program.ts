/** `keyturn status | approvals | pause | resume | cancel`, with help that teaches by examples. */
import type { Command } from 'commander';
import { act, type Order } from './act.ts';
import { type ApprovalsOptions, approvals } from './approvals.ts';
import { status } from './status.ts';
import type { CliWorld, Exit } from './world.ts';

type Done = (code: Exit) => void;

const WHAT = {
  pause: 'start nothing more of a run until it is resumed; what runs goes on to its end',
  resume: 'let a paused run go on; only with Slack’s word about you',
  cancel: 'end what a run has running on its hosts, and the run',
} as const;

export function addActs(program: Command, world: CliWorld, done: Done): void {
  addStatus(program, world, done);
  addApprovals(program, world, done);
  for (const kind of ['pause', 'resume', 'cancel'] as const) addAct(program, world, done, kind);
}

function addStatus(program: Command, world: CliWorld, done: Done): void {
  program
    .command('status [run-or-cluster]')
    .description('what goes on and whom it waits for, when Slack cannot be asked; changes nothing')
    .option('--json', 'for programs', false)
    .addHelpText(
      'after',
      '\nExamples:\n  $ keyturn status                all that goes on\n  $ keyturn status atscale-prod   on one cluster\n  $ keyturn status run7k2m9qxa    one run, also when it is over\n\nExit code: 0 it was shown, 1 a journal is damaged, 2 nothing of that name is known or Redis cannot be read.',
    )
    .action(async (target: string | undefined, { json }: { json: boolean }) => {
      // The queue and the desk are loaded for these commands only.
      const { withRuns } = await import('./act-here.ts');
      done(await withRuns(world.env, ({ desk }) => status(world, desk, target, json)));
    });
}

function addApprovals(program: Command, world: CliWorld, done: Done): void {
  program
    .command('approvals')
    .description('what waits for one person’s approval, and what they approved lately; changes nothing')
    .requiredOption('--as <id>', 'whose: the id of a Slack user; needs no proof, for nothing can be approved here')
    .option('--page <number>', 'of what they approved: twenty runs each', '1')
    .option('--json', 'for programs (docs/history.md)', false)
    .addHelpText(
      'after',
      `
Listed is what a click of theirs would decide now: approvals, questions and troubles that need a second person. Not listed is what is their own
request, was said by them already, has expired, or is being cancelled. What a check that is NOT OK holds up is listed apart.

Slack is asked whether they are still a member, and in which user groups. Where it cannot be asked, the answer says so, and what was taken for granted.
Approving is for Slack alone: nobody is a second person by sitting at this machine.

Examples:
  $ keyturn approvals --as U0SAM00001
  $ keyturn approvals --as U0SAM00001 --json | jq '.waiting[] | {run, steps, waitsMs}'
  $ keyturn approvals --as U0SAM00001 --page 2     what they approved before

Exit code: 0 nothing waits for them, 1 something does, 2 it cannot be told, or it was typed or set up wrongly.`,
    )
    .action(async (options: ApprovalsOptions) => {
      const { withRuns } = await import('./act-here.ts');
      done(await withRuns(world.env, (office, store) => approvals(world, office, store, options)));
    });
}

function addAct(program: Command, world: CliWorld, done: Done, kind: Order['kind']): void {
  const command = program
    .command(kind === 'resume' ? 'resume <run-or-cluster>' : `${kind} <run-or-cluster> [reason...]`)
    .description(WHAT[kind])
    .requiredOption('--as <user>', 'your Slack user id; a code of your second factor is asked for')
    .addHelpText('after', helpOf(kind));
  const carryOut = async (target: string, reason: string, as: string): Promise<void> => {
    const { withRuns } = await import('./act-here.ts');
    done(await withRuns(world.env, (office) => act(world, office, { kind, target, reason, as })));
  };
  if (kind === 'resume') command.action((target: string, { as }: { as: string }) => carryOut(target, '', as));
  else command.action((target: string, words: string[], { as }: { as: string }) => carryOut(target, words.join(' '), as));
}

function helpOf(kind: Order['kind']): string {
  const example = kind === 'resume' ? '' : ' the window is over';
  const slack =
    kind === 'resume'
      ? 'Slack is asked about you as at a click; while it does not answer, this is refused.'
      : 'Slack is asked about you as at a click. While it cannot be asked, your code is enough, and the record says so.';
  return `
For when Slack is down; else use /ha ${kind}, a button, or @Keyturn ${kind} in the thread. You must be enrolled (keyturn factor) and allowed by the cluster
file. ${slack}

Examples:
  $ keyturn ${kind} run7k2m9qxa${example} --as U0DANA0001
  $ keyturn ${kind} atscale-prod --as U0DANA0001
  $ printf '123456\\n' | keyturn ${kind} atscale-prod --as U0DANA0001   the code from another program

Exit code: 0 it was done, 1 it was not (the record says who was refused), 2 it cannot be done as it was typed or set up.`;
}
