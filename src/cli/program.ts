/** The commands of `keyturn`, each with help that teaches by examples. */
import { Command } from 'commander';
import { doctor } from './doctor.ts';
import { lint } from './lint.ts';
import { type Planner, plan } from './plan.ts';
import { trust } from './trust.ts';
import type { CliWorld, Exit } from './world.ts';

/** `done` is told the exit code of the command that ran. */
export function buildProgram(world: CliWorld, done: (code: Exit) => void): Command {
  const program = new Command('keyturn')
    .description(
      'Two keys, one runbook, and the thread is the record. Runs are started in Slack (/ha help); these commands prepare and check.',
    )
    .configureOutput({ writeOut: (text) => world.say(text.trimEnd()), writeErr: (text) => world.complain(text.trimEnd()) })
    .showHelpAfterError('(keyturn --help shows the commands)')
    .exitOverride();
  program.addHelpText(
    'after',
    '\nA first day:\n  $ keyturn lint\n  $ keyturn trust atscale-prod\n  $ keyturn doctor\n  then, in Slack: /ha plan restart atscale-prod',
  );
  addLint(program, world, done);
  addTrust(program, world, done);
  addDoctor(program, world, done);
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

function addTrust(program: Command, world: CliWorld, done: Done): void {
  program
    .command('trust <cluster>')
    .description("show the keys of a cluster's hosts; those that you confirm are trusted from then on")
    .option('-y, --yes', 'confirm all new keys unseen; a changed key is refused all the same', false)
    .addHelpText(
      'after',
      '\nOn the host itself, this prints the fingerprint to compare with:\n  $ ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\n\nExamples:\n  $ keyturn trust atscale-prod\n  $ keyturn trust sandbox --yes',
    )
    .action(async (cluster: string, options: { yes: boolean }) => done(await trust(world, cluster, options)));
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
    .description('what a run would do, read from the live hosts; changes nothing')
    .addHelpText('after', '\nExamples:\n  $ keyturn plan restart atscale-prod\n  $ keyturn plan remove-node atscale-prod host=eng-2')
    .action(async (procedure: string, cluster: string, values: string[]) => done(await plan(world, planner, procedure, cluster, values)));
}
