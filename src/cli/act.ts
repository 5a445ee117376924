/**
 * `keyturn pause | resume | cancel`: the door for when Slack is down, to the same desk as every other.
 *
 * 1. Who it is is proved by a code of that person's second factor, whatever the cluster says: at the machine nothing else tells people apart.
 * 2. If Slack answers, its word counts as for a click. If it cannot be asked, pausing and cancelling are possible all the same, and nothing else.
 * 3. The journal shows the way that it came, and a refusal is recorded like any other.
 */
import { whyNoUserId } from '../config.ts';
import type { Factors } from '../factor/factors.ts';
import type { Standing } from '../run/authorise.ts';
import type { Intent } from '../run/intents.ts';
import { groupsIn } from '../run/policy.ts';
import type { RunState } from '../run/state.ts';
import { type Channels, whyNotOn } from '../slack/channels.ts';
import { statesOf } from '../slack/targets.ts';
import type { WhoIs } from '../worker/approvers.ts';
import type { RunDesk } from '../worker/run-desk.ts';
import type { NoteRefusal } from '../worker/refusals.ts';
import { proves } from './factor.ts';
import { plainWords } from './plain-words.ts';
import { type CliWorld, EXIT, type Exit } from './world.ts';

export type ActOffice = {
  readonly desk: RunDesk;
  readonly factors: Pick<Factors, 'verify' | 'isEnrolled'>;
  readonly whoIs: WhoIs;
  readonly channels: Pick<Channels, 'look'>;
  readonly noteRefusal: NoteRefusal;
  readonly now: () => number;
  /** An unguessable word. */
  readonly id: () => string;
};

export type Order = {
  readonly kind: 'pause' | 'resume' | 'cancel';
  /** A run, or the cluster that it goes on on. */
  readonly target: string;
  readonly reason: string;
  /** Slack user id of whoever types. */
  readonly as: string;
};

const LONGEST_REASON = 1_000;

/** Durable when it resolves. */
export async function act(world: CliWorld, office: ActOffice, order: Order): Promise<Exit> {
  const { as, kind } = order;
  const wrong = whyNoUserId(as);
  if (wrong !== undefined) return no(world, wrong);
  if (order.reason.length > LONGEST_REASON)
    return no(world, `The reason has ${order.reason.length} characters; ${LONGEST_REASON} are allowed.`);
  const found = await runOf(office.desk, order);
  if (typeof found === 'string') return no(world, found);
  const unproved = await whyUnproved(world, office, order, found);
  if (unproved !== undefined) return turnedAway(world, office, order, found, unproved);
  const standing = await standingOf(office, order, found);
  const silent = standing.kind.kind === 'proved';
  if (silent) world.say(`Slack could not be asked about you (${standing.kind.why}).`);
  const elsewhere = silent || kind !== 'resume' ? undefined : whyNotOn(await office.channels.look({ id: found.channel.id }));
  if (elsewhere !== undefined) return elsewhereIs(world, found, elsewhere);
  const decided = await office.desk.act(found.run, intentOf(office, order, silent), standing);
  if (decided.kind === 'taken') {
    world.say(`${plainWords(decided.told)} Look: keyturn status ${found.run}`);
    return EXIT.ok;
  }
  world.complain(plainWords(decided.told));
  if (decided.kind === 'refused' && silent && kind !== 'resume' && groupsIn(found).length > 0)
    world.complain(
      'Who is in a Slack user group is not known without Slack: whoever must be able to stop runs then is listed by id in the cluster file.',
    );
  return EXIT.found;
}

/** What lets a run go on counts only while its channel is one in which it could be started, as for a command. */
function elsewhereIs(world: CliWorld, { run }: RunState, why: string): Exit {
  world.complain(`About the channel of ${run}: ${plainWords(why)}`);
  return EXIT.found;
}

function no(world: CliWorld, why: string): Exit {
  world.complain(why);
  return EXIT.usage;
}

async function runOf(desk: RunDesk, { kind, target }: Order): Promise<RunState | string> {
  const states = await statesOf(desk, target);
  if (states === undefined)
    return `Nobody knows a run or cluster “${target}”, so nothing was done. Check: keyturn status shows what goes on.`;
  const [state, ...others] = states;
  if (state === undefined) return `Nothing goes on on ${target}, so there is nothing to ${kind}.`;
  if (others.length === 0) return state;
  return `Several runs go on on ${target}: ${states.map(({ run }) => run).join(', ')}. Name the one to ${kind}.`;
}

async function whyUnproved(world: CliWorld, office: ActOffice, { kind, as }: Order, { run }: RunState): Promise<string | undefined> {
  if (!(await office.factors.isEnrolled(as)))
    return (
      `${as} has no second factor, and at this machine nothing else proves who somebody is, so nothing was done. ` +
      `An administrator of Keyturn enrols them: keyturn factor enrol ${as} --by <administrator>. Until then, in Slack: /ha ${kind} ${run}`
    );
  return (await proves(world, office, as, `${kind} ${run}`)) ? undefined : `That it is ${as} was not proved, so nothing was done.`;
}

async function turnedAway(world: CliWorld, office: ActOffice, { kind, as }: Order, state: RunState, why: string): Promise<Exit> {
  const person = { team: state.channel.team, user: as, name: as };
  const action = kind === 'resume' ? 'settle' : 'stop';
  const about = { run: state.run, cluster: state.cluster.name, procedure: state.procedure.name };
  await office.noteRefusal({ person, action, ...about, why: `at the command line: ${why}` });
  world.complain(why);
  return EXIT.found;
}

async function standingOf({ whoIs }: ActOffice, { kind, as }: Order, state: RunState): Promise<Standing> {
  const known = await whoIs({ team: state.channel.team, user: as }, groupsIn(state));
  const proof = { about: `${kind} ${state.run}` };
  if (known.kind.kind !== 'unverified' || known.kind.silent !== true) return { ...known, proof };
  return { ...known, kind: { kind: 'proved', why: known.kind.why }, proof };
}

function intentOf({ id }: ActOffice, { kind, reason }: Order, silent: boolean): Intent {
  const asked = `command-line-${id()}`;
  const way = `from the command line${silent ? ', as Slack could not be asked' : ''}`;
  const words = reason.replace(/\s+/g, ' ').trim();
  const why = words === '' ? way : `${way}: ${words}`;
  switch (kind) {
    case 'pause':
      return { kind, reason: why, asked };
    case 'resume':
      return { kind, asked };
    case 'cancel':
      return { kind, reason: why };
  }
}
