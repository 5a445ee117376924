/** The commands of `keyturn`, each with help that teaches by examples. */
import { Command } from 'commander';
import { addActs } from './act-program.ts';
import { doctor } from './doctor.ts';
import { addExport } from './export-program.ts';
import { addFactor } from './factor-program.ts';
import { addHistory } from './history.ts';
import { lint } from './lint.ts';
import { type Planner, plan } from './plan.ts';
import { addRegister } from './register-program.ts';
import { reviews } from './reviews.ts';
import { addShow } from './show.ts';
import { test } from './test.ts';
import { type TrustOptions, trust } from './trust.ts';
import { addVerify } from './verify-program.ts';
import type { CliWorld, Exit } from './world.ts';

/** `done` is told the exit code of the command that ran. */
export function buildProgram(world: CliWorld, done: (code: Exit) => void): Command {
  const program = new Command('keyturn')
    .description(
      'Keyturn runs maintenance procedures on clusters from Slack. Runs are started there (/ha help); these commands prepare, check, and stop a run when Slack is down.',
    )
    .configureOutput({ writeOut: (text) => world.say(text.trimEnd()), writeErr: (text) => world.complain(text.trimEnd()) })
    .showHelpAfterError('(keyturn --help shows the commands)')
    .exitOverride();
  program.addHelpText(
    'after',
    `
A first day, with a cluster file for atscale-prod:
  $ keyturn lint                        are the files right?
  $ keyturn test restart                does the procedure do what it should, with made-up hosts?
  $ keyturn trust atscale-prod          are these really its hosts?
  $ keyturn doctor                      is everything ready: Slack, Redis, every host?
  $ keyturn plan restart atscale-prod   what would a restart do?
  $ npm start                           then, in Slack: /ha help
  $ keyturn verify                      afterwards: is the record of every run whole and sound?
  $ keyturn show <run>                  what happened in it, and who approved it?
  $ keyturn export <run> --format html  a page for the ticket, or for an auditor

When Slack is down; to end something, with a code of your second factor:
  $ keyturn status                             what goes on?
  $ keyturn approvals --as <your id>           what waits for you?
  $ keyturn cancel atscale-prod --as <your id> end it

Each reads the environment and .env in the current folder; .env.example explains every variable.
Exit code: 0 all is well, 1 something was found, 2 the command could not be carried out as it was typed or set up.`,
  );
  addLint(program, world, done);
  addTest(program, world, done);
  addTrust(program, world, done);
  addDoctor(program, world, done);
  addReviews(program, world, done);
  addRegister(program, world, done);
  addVerify(program, world, done);
  addExport(program, world, done);
  addHistory(program, world, done);
  addShow(program, world, done);
  addFactor(program, world, done);
  addActs(program, world, done);
  if (world.plan !== undefined) addPlan(program, world, world.plan, done);
  return program;
}

type Done = (code: Exit) => void;

function addLint(program: Command, world: CliWorld, done: Done): void {
  program
    .command('lint [files...]')
    .description('check procedure and cluster files; every mistake with file, line and column')
    .addHelpText(
      'after',
      '\nExamples:\n  $ keyturn lint                                  all files, and which procedures fit which clusters\n  $ keyturn lint procedures/atscale/restart.yaml  one file\n\nExit code: 0 nothing is wrong, 1 something is.',
    )
    .action((files: string[]) => done(lint(world, files)));
}

function addTest(program: Command, world: CliWorld, done: Done): void {
  program
    .command('test [procedures...]')
    .description(
      'rehearse procedures with made-up hosts and people, as the test files beside them say; needs no host, no Redis and no Slack',
    )
    .option('--coverage', 'also show the branches that no case takes', false)
    .option('--all-branches', 'the same, and an error where there is one', false)
    .option('--only <words>', 'only cases with these words in their title')
    .option('--json', 'for programs', false)
    .addHelpText(
      'after',
      `
A test file stands beside its procedure: procedures/atscale/restart.test.yaml. It says what hosts print and what people do, and
how the run ends. The run itself is the real one, but for its hosts; hours of waiting take no time.

  tests: restart
  cluster:
    hosts: { coord-01: [coordinator], engine-01: [engine], engine-02: [engine] }
  answers:
    - { run: postgres_nodes, prints: { file: recorded/two-leaders.txt } }
  cases:
    - title: two leaders stop it before anything is stopped
      expect: { stopped: S1, because: exactly one Leader }
      does: []

Examples:
  $ keyturn test                              every test file
  $ keyturn test restart --coverage           one procedure, and the branches that no case takes
  $ keyturn test restart --only 'two leaders' one case
  $ keyturn test --all-branches --json        for a pipeline

How to write one, with examples: docs/testing-procedures.md
Exit code: 0 every case is as expected, 1 something is not, 2 there is nothing of that name.`,
    )
    .action(async (names: string[], options: { json: boolean; coverage: boolean; allBranches: boolean; only?: string }) =>
      done(await test(world, names, { ...options, only: options.only })),
    );
}

function addTrust(program: Command, world: CliWorld, done: Done): void {
  program
    .command('trust <cluster>')
    .description('show the host keys of a cluster; those that you confirm are trusted from then on')
    .option('-y, --yes', 'confirm all new keys unseen; a changed key is refused all the same', false)
    .option('--replace <host>', 'this one machine was exchanged: compare old and new keys, then trust the new ones only')
    .addHelpText(
      'after',
      '\nKeyturn never logs in to a host whose key nobody has confirmed. On the host itself, this prints the fingerprint to compare with:\n  $ ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\n\nExamples:\n  $ keyturn trust atscale-prod\n  $ keyturn trust sandbox --yes\n  $ keyturn trust atscale-prod --replace engine-02   the machine behind this name is a new one',
    )
    .action(async (cluster: string, options: TrustOptions) => done(await trust(world, cluster, options)));
}

function addDoctor(program: Command, world: CliWorld, done: Done): void {
  program
    .command('doctor [cluster]')
    .description('check the environment, the files, Redis, Slack and every host; changes nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  $ keyturn doctor               everything\n  $ keyturn doctor atscale-prod  everything, and the hosts of this cluster only\n\nExit code: 0 all is well, 1 something failed.',
    )
    .action(async (cluster: string | undefined) => done(await doctor(world, cluster)));
}

function addPlan(program: Command, world: CliWorld, planner: Planner, done: Done): void {
  program
    .command('plan <procedure> <cluster> [values...]')
    .description('every step, host and command of a run, as the hosts are now; needs neither Redis nor Slack, and changes nothing')
    .addHelpText(
      'after',
      '\nThe hosts are logged in to, and only the commands that find out who plays which role are run.\n\nExamples:\n  $ keyturn plan restart atscale-prod\n  $ keyturn plan shutdown atscale-prod\n  $ keyturn plan <procedure> <cluster> host=engine-02   with an input of the procedure\n\nExit code: 0 it can be carried out, 1 it cannot as things stand.',
    )
    .action(async (procedure: string, cluster: string, values: string[]) => done(await plan(world, planner, procedure, cluster, values)));
}

function addReviews(program: Command, world: CliWorld, done: Done): void {
  program
    .command('reviews')
    .description('what was done in an emergency (break-glass, freeze windows overridden) and nobody has reviewed yet; changes nothing')
    .option('--json', 'for programs', false)
    .addHelpText(
      'after',
      '\nReviews are recorded in Slack, where Keyturn knows who somebody is: /ha review <run> <what you found>\n\nExamples:\n  $ keyturn reviews\n  $ keyturn reviews --json   for a pipeline that minds what waits for long\n\nExit code: 0 nothing waits, 1 something does, 2 Redis cannot be read.',
    )
    .action(async (options: { json: boolean }) => done(await reviews(world, options)));
}
