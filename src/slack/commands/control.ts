/** `/ha pause | resume | cancel <run or cluster> [reason]`. */
import type { Intent } from '../../run/intents.ts';
import { groupsIn } from '../../run/policy.ts';
import type { RunState } from '../../run/state.ts';
import type { Answer } from '../answer.ts';
import type { Command } from '../command.ts';
import { withFrozen } from '../frozen.ts';
import { note } from '../note.ts';
import { admit, type Office } from '../office.ts';
import type { Asked } from '../payloads.ts';
import { listed } from '../suggest.ts';
import { statesOf } from '../targets.ts';
import { noTarget } from './read.ts';

type Control = Extract<Command, { kind: 'pause' | 'resume' | 'cancel' }>;

/** Possible from every channel that Keyturn is in: stopping must never fail for want of the right channel. */
export async function control(office: Office, asked: Asked, command: Control): Promise<Answer> {
  const states = await statesOf(office.desk, command.target);
  const groups = [...new Set((states ?? []).flatMap((state) => groupsIn(state)))];
  const admitted = await admit(office, asked, groups);
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  const [state, ...others] = states ?? [];
  if (states === undefined) {
    const why = await noTarget(office, command.target, admitted.standing);
    return { kind: 'now', content: withFrozen(note(why), office.desk.frozen()) };
  }
  if (state === undefined)
    return {
      kind: 'now',
      content: withFrozen(note(`Nothing goes on on ${command.target}, so there is nothing to ${command.kind}.`), office.desk.frozen()),
    };
  if (others.length > 0) return { kind: 'now', content: note(whichOf(command, states)) };
  const decided = await office.desk.act(state.run, intentOf(command, asked.triggerId), admitted.standing);
  return { kind: 'now', content: note(decided.told) };
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
