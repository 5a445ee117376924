/** Break-glass: its button, and what is said of it aloud; with the overrides, what a run's card says for good. Pure. */
import type { Button } from '@slack/types';
import type { EventOf, Recorded } from '../../run/events.ts';
import { windowOf } from '../../run/hold.ts';
import { type Approval, type RunState, stepsOf } from '../../run/state.ts';
import { ACTION, requestValue } from './actions.ts';
import { button } from './buttons.ts';
import type { Draft } from './compose.ts';
import { code } from './escape.ts';
import { notice } from './notices.ts';
import { channel, person } from './people.ts';
import { slackTime } from './times.ts';
import { heading, listed, name, stepName, words } from './words.ts';

/** Only where the cluster has it, for what needs a second person. That it may be approved at all is for the card to say. */
export function glassButtons(state: RunState, { needs, request, digest }: Approval): readonly Button[] {
  if (state.cluster.breakGlass === undefined || needs !== 'second') return [];
  return [button(ACTION.breakGlass, 'Break Glass', requestValue({ run: state.run, request, digest }))];
}

/** A reply in the thread, and a message where those read who ought to hear of it. */
export function glassDrafts(state: RunState, event: EventOf<'glassBroken'>, each: Recorded): readonly Draft[] {
  const where = name(state.cluster.name);
  const what = `*Break-glass on ${where}:* ${person(event.by)} started ${startOf(state, event.request)} without a second person, ${slackTime(each.at)}.`;
  const reason = `*Reason:* ${words(event.reason, 900)}`;
  const review = reviewWords(state);
  const why = state.approvals[event.request]?.why;
  const aloud = [
    ...(why === undefined ? [] : [`*Why unsafe:* ${words(why, 600)}`]),
    `${heading(state)}, run ${state.run}, in ${channel(state.channel.id)}. Requested by ${person(state.requester)}.`,
    `Digest of what was given: ${name(state.approvals[event.request]?.digest ?? 'none')}`,
  ];
  const told = `${channel(event.channel)} was told.`;
  return [
    notice(state, each.seq, `glass:${event.request}`, what, [reason, `${told} ${review}`]),
    notice(state, each.seq, `glass:${event.request}:${event.channel}`, what, [reason, ...aloud, review], {
      kind: 'channel',
      channel: event.channel,
    }),
  ];
}

/** The command stands as Slack shows it: `<` and `>` would begin a link. */
export function reviewWords({ run }: Pick<RunState, 'run'>): string {
  return `It is to be reviewed by somebody who may approve here: ${code(`/ha review ${run} <what you found>`)}.`;
}

/** `S4 Stop the engine on engine-01`. */
function startOf(state: RunState, request: string): string {
  const approval = state.approvals[request];
  if (approval === undefined) return name(request);
  const hosts = [...new Set(approval.subject.items.map(({ host }) => name(host)))];
  return `${listed(
    stepsOf(approval).map((step) => stepName(state, step)),
    10,
  )} on ${listed(hosts, 10)}`;
}

/** What the card says for as long as it stands. */
export function emergencyLines(state: RunState, recorded: readonly Recorded[]): readonly string[] {
  const lines = recorded.flatMap(({ event, at }) => {
    if (event.kind === 'glassBroken')
      return [`*Break-glass* by ${person(event.by)} for ${startOf(state, event.request)}, ${slackTime(at)}: ${words(event.reason, 200)}`];
    if (event.kind !== 'holdOverridden') return [];
    const window = windowOf(event.hold, recorded);
    return [`*Freeze window overridden* (${name(window)}) by ${person(event.by)}, ${slackTime(at)}: ${words(event.reason, 200)}`];
  });
  return lines.length > MOST ? [...lines.slice(0, MOST), `and ${lines.length - MOST} more`] : lines;
}

const MOST = 5;
