/** `keyturn export`, with help that teaches by examples. */
import type { Command } from 'commander';
import { type ExportOptions, exportRecords } from './export.ts';
import type { CliWorld, Exit } from './world.ts';

export function addExport(program: Command, world: CliWorld, done: (code: Exit) => void): void {
  program
    .command('export [runs...]')
    .description('the record of runs, or of a period, as a file: for a ticket, an auditor, or to verify elsewhere; changes nothing')
    .option('--from <day>', 'every run that was open from this day on (UTC): 2026-01-01, or a moment: 2026-01-01T06:00Z')
    .option('--to <day>', 'up to and with this day, or up to this moment; now, unless told')
    .option('--cluster <name>', 'of a period, only the runs on this cluster')
    .option('--format <format>', 'json, md or html; as the name of the file ends, unless told, or json')
    .option('--out <file>', 'the file; - for standard output. Unless told, <run>.<format> in this folder')
    .option('--force', 'replace a file that exists', false)
    .addHelpText(
      'after',
      `
Three forms of the same record:
  json   the record itself: every event as it was written, the signature, what was printed. keyturn verify <file> checks it anywhere,
         without Redis and without Slack. Its form: docs/schemas/record.schema.json
  html   for people: one page without scripts and without anything from elsewhere. Deviations come first, then who asked, a timeline,
         approvals, what ran and what it printed. It can be printed.
  md     the same for a ticket, with long outputs cut in the middle

Outputs up to 256 KiB are in the file, 4 MiB of one run in all; of larger ones the file has both ends, the SHA-256, and where the whole lies.
It works while bot and workers run, and without Slack. The record of a run that is not finished says so, and bears no signature yet.
The register (refusals, emergencies) of a period is given whole, whatever the cluster.

Examples:
  $ keyturn export run7k2m9qxa                                          run7k2m9qxa.json
  $ keyturn export run7k2m9qxa --format html                            run7k2m9qxa.html
  $ keyturn export run7k2m9qxa --format md --out - | pbcopy             for a ticket
  $ keyturn export --from 2026-01-01 --to 2026-03-31 --out q1.html      everything of a quarter on one page
  $ keyturn export --from 2026-11-24T18:00Z --cluster atscale-prod --out - | jq '.runs[].run'

More: docs/record.md
Exit code: 0 it was written, 1 it was written and a record in it is damaged, 2 it could not be carried out as it was typed or set up.`,
    )
    .action(async (runs: string[], options: ExportOptions) => done(await exportRecords(world, runs, options)));
}
