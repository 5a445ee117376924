/** `keyturn show`: one run in full from its journal, whether it goes on, is over or is archived; whether bot and Slack are there or not. */
import type { Command } from 'commander';
import { aftersIn } from '../history/retold.ts';
import { isDamage } from '../journal/lost.ts';
import { fold } from '../run/evolve.ts';
import { isRunId } from '../slack/targets.ts';
import { showLines } from '../slack/views/index.ts';
import { read } from '../worker/run-desk.ts';
import { lookingAt } from './looking.ts';
import { plainWords } from './plain-words.ts';
import { shownJson } from './show-json.ts';
import { withStore } from './store.ts';
import { type CliWorld, EXIT, type Exit } from './world.ts';

/** Changes nothing. Throws KeyturnError as `withStore`. */
export async function show(world: CliWorld, typed: string, { json }: { readonly json: boolean }): Promise<Exit> {
  const run = typed.toLowerCase();
  return withStore(world.env, async (store) => {
    const looking = lookingAt(store);
    try {
      const recorded = isRunId(run) ? await read(looking, run) : undefined;
      if (recorded === undefined) {
        world.complain(`Nobody knows a run “${typed}”. Check: its id stands in its thread; keyturn history and keyturn status find runs.`);
        return EXIT.usage;
      }
      // A damaged register must keep nobody from reading a sound journal.
      const afters = await looking.afterwardsOf(run).then(aftersIn, () => undefined);
      const shown = { state: fold(run, recorded), recorded, afters, permalink: await looking.permalinkOf(run), now: Date.now() };
      if (json) world.say(JSON.stringify(shownJson(shown)));
      else for (const line of linesOf(shown)) world.say(line);
      return EXIT.ok;
    } catch (error) {
      if (!isDamage(error)) throw error;
      world.complain(
        `${error.message}. Check: docs/troubleshooting.md, A journal is damaged. keyturn export ${run} gives what lies there.`,
      );
      return EXIT.found;
    }
  });
}

/** Links do not survive as words, so the thread's stands in a line of its own. */
function linesOf({ permalink, ...shown }: Parameters<typeof showLines>[0]): readonly string[] {
  const { run } = shown.state;
  return [
    ...showLines({ ...shown, permalink: undefined }).map(plainWords),
    `Thread: ${permalink ?? 'its link is not on record (yet)'}`,
    `The whole record, with every command and what it printed: keyturn export ${run}; is it sound: keyturn verify ${run}`,
  ];
}

export function addShow(program: Command, world: CliWorld, done: (code: Exit) => void): void {
  program
    .command('show <run>')
    .description('one run: what went otherwise, troubles, approvals, every step and host with its time, notes; changes nothing')
    .option('--json', 'for programs: times in UTC, nothing shortened (docs/history.md)', false)
    .addHelpText(
      'after',
      `
It works for runs that go on, are over, or were archived, while the bot runs and when it does not; Slack is not asked. Whoever has the key file
sees every run. The id of a run stands in its thread, and in keyturn history and keyturn status.

Examples:
  $ keyturn history atscale-prod outcome:failed    which run was it?
  $ keyturn show run7k2m9qxa                       how did it go?
  $ keyturn show run7k2m9qxa --json | jq -r '.steps[].attempts[] | "\\(.host) \\(.outcome) \\(.tookMs)"'
  $ keyturn export run7k2m9qxa --format html       what did every command print?

Exit code: 0 it was shown, 1 its journal is damaged, 2 no run of that name is known or Redis cannot be read.`,
    )
    .action(async (run: string, options: { json: boolean }) => done(await show(world, run, options)));
}
