/**
 * `keyturn factor`: who has a second factor, and how they get one. At Keyturn's own machine, with both people at the keyboard, because a secret that
 * went through Slack would prove no more than Slack does.
 *
 * 1. An administrator proves with a code of their own who they are; nobody enrols or resets themselves. The only exception is the very first one,
 *    when nobody at all is enrolled, and the register shows it: `user` and `by` are the same.
 * 2. What is done stands in the register before it is done.
 * 3. A secret is shown once, to this terminal, and is stored only when the new person's app has shown that it has it.
 */
import { randomUUID } from 'node:crypto';
import { renderUnicodeCompact } from 'uqr';
import { isUserId } from '../config.ts';
import type { Factors } from '../factor/factors.ts';
import { newSecret, stepOf, uriOf } from '../factor/totp.ts';
import { codeIn, NO_CODE, sayNotProved } from '../factor/verdict.ts';
import type { Register, RegisterEvent } from '../journal/register.ts';
import { utcMinute } from '../utc.ts';
import { type CliWorld, EXIT, type Exit } from './world.ts';

export type FactorOffice = {
  readonly factors: Factors;
  readonly register: Pick<Register, 'append'>;
  /** Slack user ids of KEYTURN_ADMINISTRATORS. */
  readonly administrators: readonly string[];
  readonly now: () => number;
};

export type Provers = { readonly factors: Pick<Factors, 'verify'>; readonly now: () => number };

/** Wrong codes at one sitting; how many there may be altogether is counted where they are checked. */
const TRIES = 3;

export async function enrol(world: CliWorld, office: FactorOffice, user: string, by: string): Promise<Exit> {
  const { factors } = office;
  const first = (await factors.list()).length === 0;
  const why = whyNotBy(office, user, by) ?? whyNotEnrolled(user, by, first);
  if (why !== undefined) return refuse(world, why, EXIT.usage);
  if (await factors.isEnrolled(user))
    return refuse(world, `${user} is enrolled already. A new device needs a reset first: ${resetCommand(user, by)}`, EXIT.found);
  if (!first && !(await proves(world, office, by, `enrol ${user}`))) return EXIT.found;
  const secret = newSecret();
  show(world, user, secret, first);
  return confirm(world, office, { user, by, secret, first });
}

export async function reset(world: CliWorld, office: FactorOffice, user: string, by: string, reason: string): Promise<Exit> {
  const { factors } = office;
  const why = whyNotBy(office, user, by) ?? (user === by ? notOneself('Nobody can reset themselves', by) : undefined);
  if (why !== undefined) return refuse(world, why, EXIT.usage);
  if (reason.trim() === '')
    return refuse(world, 'A reset needs a reason, which stands in the register: --reason "lost the telephone"', EXIT.usage);
  if (!(await factors.isEnrolled(user))) return refuse(world, `${user} is not enrolled, so there is nothing to reset.`, EXIT.found);
  if (!(await proves(world, office, by, `reset ${user}`))) return EXIT.found;
  await record(office, { kind: 'factorReset', user, by, reason: reason.trim() });
  await factors.reset(user);
  world.say(`reset    ${user}: codes of the old entry count no more. Next, with them beside you: ${enrolCommand(user, by)}`);
  return EXIT.ok;
}

export async function list(world: CliWorld, { factors, administrators }: FactorOffice): Promise<Exit> {
  const enrolled = await factors.list();
  for (const { user, by, at } of enrolled) {
    const role = administrators.includes(user) ? ', administrator' : '';
    world.say(`${user.padEnd(14)} enrolled ${utcMinute(at)} by ${by}${role}`);
  }
  for (const user of administrators.filter((id) => enrolled.every((each) => each.user !== id)))
    world.say(`${user.padEnd(14)} administrator, not enrolled`);
  if (enrolled.length === 0) world.say('Nobody is enrolled yet. The first one is an administrator: keyturn factor enrol --help');
  return EXIT.ok;
}

function whyNotBy({ administrators }: FactorOffice, user: string, by: string): string | undefined {
  const wrong = [user, by].find((id) => !isUserId(id));
  if (wrong !== undefined)
    return `“${wrong}” is no id of a Slack user, which begins with U or W. In Slack: the person's profile, Copy member ID.`;
  if (administrators.includes(by)) return undefined;
  const names = administrators.length === 0 ? 'it names nobody' : `it names ${administrators.join(', ')}`;
  return `${by} is no administrator of Keyturn: KEYTURN_ADMINISTRATORS decides, and ${names}.`;
}

function whyNotEnrolled(user: string, by: string, first: boolean): string | undefined {
  if (first && user !== by) return `Nobody is enrolled yet, so ${by} comes first, without a code: ${enrolCommand(by, by)}`;
  return !first && user === by ? notOneself('Nobody can enrol themselves', by) : undefined;
}

function notOneself(nobodyCan: 'Nobody can enrol themselves' | 'Nobody can reset themselves', by: string): string {
  return `${nobodyCan}: --by must name another administrator than ${by}, who is enrolled and types a code of their own.`;
}

/** The person's own code, which is spent by this. */
export async function proves(world: CliWorld, { factors, now }: Provers, by: string, about: string): Promise<boolean> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const typed = await world.type(`Code of ${by}, who does this: `);
    if (typed === undefined) return nothingTyped(world);
    const code = codeIn(typed);
    const verdict = code === undefined ? undefined : await factors.verify(by, code, about, now());
    if (verdict?.kind === 'proved') return true;
    world.complain(verdict === undefined ? NO_CODE : sayNotProved(verdict));
    if (verdict !== undefined && verdict.kind !== 'wrong' && verdict.kind !== 'used') return false;
  }
  return false;
}

function nothingTyped(world: CliWorld): false {
  world.complain('No code was typed, so nothing was done.');
  return false;
}

function show(world: CliWorld, user: string, secret: Buffer, first: boolean): void {
  const uri = uriOf(secret, user);
  if (first) world.say(`${user} is the first one of all and is enrolled without an administrator's code; the register says so.`);
  world.say(`Scan this with the authenticator app of ${user}; it is not shown again, and whoever sees it can make the codes.`);
  for (const line of renderUnicodeCompact(uri, { border: 2 }).split('\n')) world.say(line);
  world.say(`By hand: ${uri}`);
}

type New = { readonly user: string; readonly by: string; readonly secret: Buffer; readonly first: boolean };

async function confirm(world: CliWorld, office: FactorOffice, { user, by, secret, first }: New): Promise<Exit> {
  const step = await confirmingStep(world, office, user, secret);
  if (step === undefined) return EXIT.found;
  await record(office, { kind: 'factorEnrolled', user, by });
  const enrolled = await office.factors.enrol({ user, secret, step, by, at: office.now(), first });
  switch (enrolled) {
    case 'enrolled':
      world.say(`enrolled ${user}: from now on their codes count. Clear this terminal and what can be scrolled back.`);
      return EXIT.ok;
    case 'already':
    case 'notFirst':
      return refuse(
        world,
        'Somebody else was enrolled at this very moment, so nothing was done here. Look again: keyturn factor list',
        EXIT.found,
      );
    case 'used':
      return refuse(
        world,
        `${user} was reset less than a minute ago, and no code counts twice. Remove the entry from the app, wait a minute, and begin again.`,
        EXIT.found,
      );
  }
}

/** The time step of the first code that the new person's app shows. */
async function confirmingStep(world: CliWorld, { now }: FactorOffice, user: string, secret: Buffer): Promise<number | undefined> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const typed = await world.type(`Code that the app of ${user} shows now: `);
    if (typed === undefined) break;
    const code = codeIn(typed);
    const step = code === undefined ? undefined : stepOf(secret, code, now());
    if (step !== undefined) return step;
    world.complain(
      code === undefined ? NO_CODE : 'That is not the code of this entry. Check: the clocks of the telephone and of this machine.',
    );
  }
  world.complain(`${user} was not enrolled, and what was shown is worth nothing. Remove it from the app.`);
  return undefined;
}

async function record({ register, now }: FactorOffice, event: RegisterEvent): Promise<void> {
  await register.append(event, { at: now(), id: `${event.kind}:${randomUUID()}` });
}

function refuse(world: CliWorld, why: string, exit: Exit): Exit {
  world.complain(why);
  return exit;
}

function enrolCommand(user: string, by: string): string {
  return `keyturn factor enrol ${user} --by ${by}`;
}

function resetCommand(user: string, by: string): string {
  return `keyturn factor reset ${user} --by ${by} --reason …`;
}
