/** `keyturn verify` on the command line. */
import type { Command } from 'commander';
import { type VerifyOptions, verify } from './verify.ts';
import type { CliWorld, Exit } from './world.ts';

export function addVerify(program: Command, world: CliWorld, done: (code: Exit) => void): void {
  program
    .command('verify [runs-or-files...]')
    .description(
      'check the record of runs, or of files: is it what was written, and was everything in it allowed? Changes nothing without --repost',
    )
    .option('--json', 'for programs: every run with its faults', false)
    .option('--key <key>', 'for files: the fingerprint, or the public key in base64, that must have signed them')
    .option('--seen <end>', 'where the list of runs ended at an earlier verification, as that has printed it')
    .option('--slack', 'also hold the threads in Slack against the journals; reads one thread a second or so', false)
    .option('--repost', 'with --slack: post again what is missing there; what was edited stays as it is', false)
    .option('--show-key', 'print the public key of this installation, and nothing else', false)
    .addHelpText('after', HELP)
    .action(async (named: string[], options: VerifyOptions) => done(await verify(world, named, options)));
}

const HELP = `
Reads every run, open, finished and archived, or only those that are named; bot and workers may go on meanwhile. Of each it checks
  the chain    that no event was edited, taken out, put elsewhere or cut off behind, and that each bears the seal of this installation
  the rules    that nothing unsafe began without a valid approval of exactly that by people allowed to give it, that nothing began twice,
               and that every request, question and trouble was settled once; judged anew, not by what decided then
  the outputs  that every output in KEYTURN_RECORD is there, and is what the journal says of it
Each run is held against the chained list of runs, too. Unless runs are named, that list and the register (refusals, emergencies, second factors)
are proved, and a run that stands in the list and nowhere else is named.
A journal that is damaged does not keep the others from being checked.

A file is an export (.json) or a file of the archive (.json.gz). It is checked for the same by itself: without Redis, Slack and key file,
and by its signature. Compare the fingerprint with the closing message in Slack, or give it with --key.

With --slack every message of each run's thread is held against what the journal makes of it: missing, edited, deleted, twice; and the closing
message's signed head against the journal's end. With --repost what is missing is posted again, by the bot or, where none runs, by this command.

Examples:
  $ keyturn verify                          every run
  $ keyturn verify run7k2m9qxa              one run, by the id in its thread
  $ keyturn verify --slack run7k2m9qxa      the same, and its thread
  $ keyturn verify --seen 412:9f2c…         and the list of runs still holds what it held then
  $ keyturn verify --slack --repost         every thread, and what is missing is posted again
  $ keyturn verify run7k2m9qxa.json --key 9f2c51e07a44b3d8
  $ keyturn verify --show-key               what to compare a record's key with
  $ keyturn verify --json | jq '.runs[] | select(.faults != [])'

What is checked, and what each fault means: docs/record.md. What to do about it: docs/troubleshooting.md
Exit code: 0 everything is sound, 1 a fault was found, 2 a run is not known, a file is no record, or Redis cannot be read.`;
