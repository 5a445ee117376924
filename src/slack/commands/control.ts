/** `/ha pause | resume | cancel <run or cluster> [reason]`. */
import { type Action, aboutRun, authorise, type Standing } from '../../run/authorise.ts';
import type { Intent } from '../../run/intents.ts';
import { groupsIn } from '../../run/policy.ts';
import type { RunState } from '../../run/state.ts';
import type { Answer } from '../answer.ts';
import type { Command } from '../command.ts';
import { whyNotOn } from '../channels.ts';
import { withDamaged } from '../damaged.ts';
import { note } from '../note.ts';
import { admit, type Office } from '../office.ts';
import type { Asked } from '../payloads.ts';
import { readable, readingGroups, visibleTo } from '../rights.ts';
import { listed } from '../suggest.ts';
import { statesOf } from '../targets.ts';
import { noTarget } from './read.ts';

type Control = Extract<Command, { kind: 'pause' | 'resume' | 'cancel' }>;

/**
 * Possible from every channel that Keyturn is in: stopping must never fail for want of the right channel. What lets a run go on counts only while the
 * run's own channel is one in which it could be started, as for a button (slack/actions.ts).
 */
export async function control(office: Office, asked: Asked, command: Control): Promise<Answer> {
  const all = await statesOf(office.desk, command.target);
  const groups = [...new Set([...(all ?? []).flatMap((state) => groupsIn(state)), ...readingGroups(office.desk)])];
  const admitted = await admit(office, asked, groups);
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  const { standing } = admitted;
  const states = all?.filter((state) => isKnown(state, command, standing));
  const [state, ...others] = states ?? [];
  if (states === undefined || (state === undefined && !isCluster(office, command.target, standing))) {
    const why = await noTarget(office, command.target, standing);
    if (all !== undefined && all.length > 0) await office.desk.refused(standing, actionOf(command), why);
    return { kind: 'now', content: withDamaged(note(why), office.desk.damaged()) };
  }
  if (state === undefined)
    return {
      kind: 'now',
      content: withDamaged(note(`Nothing goes on on ${command.target}, so there is nothing to ${command.kind}.`), office.desk.damaged()),
    };
  if (others.length > 0) return { kind: 'now', content: note(whichOf(command, states)) };
  const elsewhere = command.kind === 'resume' ? whyNotOn(await office.channels.look({ id: state.channel.id })) : undefined;
  if (elsewhere !== undefined) return { kind: 'now', content: note(`About the channel of ${state.run}: ${elsewhere}`) };
  const decided = await office.desk.act(state.run, intentOf(command, asked.triggerId), standing);
  return { kind: 'now', content: note(decided.told) };
}

/** Whoever may neither see the run nor do this to it does not learn that it goes on. */
function isKnown(state: RunState, command: Control, standing: Standing): boolean {
  return readable([state], standing).length > 0 || authorise(actionOf(command), standing, aboutRun(state)).kind === 'allowed';
}

function isCluster(office: Office, target: string, standing: Standing): boolean {
  return visibleTo(office.desk, standing).clusters.some(({ name }) => name.toLowerCase() === target.toLowerCase());
}

function actionOf({ kind }: Control): Action {
  return kind === 'resume' ? 'settle' : 'stop';
}

function whichOf(command: Control, states: readonly RunState[]): string {
  return `Several runs go on on ${command.target}: ${listed(states.map((state) => state.run))}. Name the one to ${command.kind}.`;
}

function intentOf(command: Control, asked: string): Intent {
  switch (command.kind) {
    case 'pause':
      return { kind: 'pause', reason: command.reason, asked };
    case 'resume':
      return { kind: 'resume', asked };
    case 'cancel':
      return { kind: 'cancel', reason: command.reason };
  }
}
