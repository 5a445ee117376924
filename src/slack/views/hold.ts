/** The reply that says which freeze window holds a run, until when, and who may override it. Rewritten once, when that is over. Pure. */
import { untilWords } from '../../inventory/freeze.ts';
import { NOBODY } from '../../procedure/policy-model.ts';
import type { EventOf, Recorded } from '../../run/events.ts';
import { endOf, openHold, windowOf } from '../../run/hold.ts';
import type { Hold, RunState } from '../../run/state.ts';
import { ACTION, holdValue } from './actions.ts';
import { button, controls } from './buttons.ts';
import { type Draft, type Part, sayLines } from './compose.ts';
import { reviewWords } from './glass.ts';
import { notice } from './notices.ts';
import { people, person } from './people.ts';
import { slackTime } from './times.ts';
import { about, name, words } from './words.ts';

const REPLY = { kind: 'reply' } as const;

export function holdDraft(state: RunState, event: EventOf<'runHeld'>, each: Recorded, recorded: readonly Recorded[]): Draft {
  const closed = closingOf(state, event.hold, recorded);
  const hold: Hold = { ...event, since: each.at, status: { kind: 'open' } };
  const first = `Held by the freeze window ${name(event.window)}: nothing that acts was begun`;
  const lines = [`It is on ${onUntil(state, hold)}.`, ...(closed === undefined ? [whatFollows(state, hold), whoMay(state)] : [closed])];
  return {
    key: `hold:${event.hold}`,
    place: REPLY,
    seq: each.seq,
    final: closed !== undefined,
    text: [`${first}. ${about(state)}`, ...lines],
    parts: [sayLines([`*${first}*`, ...lines]), ...(closed === undefined ? [buttons(state, event.hold)] : [])],
  };
}

function whatFollows(state: RunState, hold: Hold): string {
  const end = endsAt(state, hold);
  if (end !== undefined && end <= hold.expiresAt) return 'The run goes on by itself then.';
  return `If nobody overrides it before ${slackTime(hold.expiresAt)}, the run ends as cancelled; start it again after the window.`;
}

function endsAt({ cluster }: RunState, hold: Hold): number | undefined {
  return cluster.freeze === undefined ? undefined : endOf(cluster.freeze, hold);
}

/** On the clock of the window's zone, for that is what the cluster file says, and on the reader's. */
function onUntil(state: RunState, hold: Hold): string {
  const { freeze } = state.cluster;
  const end = endsAt(state, hold);
  if (freeze === undefined || end === undefined) return 'for more than a year';
  return `${name(untilWords(freeze, end))}: ${slackTime(end)}`;
}

function whoMay({ cluster }: RunState): string {
  return `Who may override it, with a reason: ${people(cluster.freeze?.override ?? NOBODY)}. Never the requester.`;
}

function buttons({ run, paused }: RunState, hold: string): Part {
  const cancel = controls(run, paused !== undefined).slice(1);
  return { kind: 'buttons', id: `hold-${hold}`, buttons: [button(ACTION.override, 'Override', holdValue({ run, hold })), ...cancel] };
}

/** A decision of its own, so that the thread has it in its order, and says it to whoever follows. */
export function overrideDraft(state: RunState, event: EventOf<'holdOverridden'>, each: Recorded, recorded: readonly Recorded[]): Draft {
  const first = `${person(event.by)} overrode the freeze window ${name(windowOf(event.hold, recorded))}, ${slackTime(each.at)}.`;
  return notice(state, each.seq, `override:${event.hold}`, first, [`*Reason:* ${words(event.reason, 900)}`, reviewWords(state)]);
}

/** Undefined while it is open. */
function closingOf(state: RunState, hold: string, recorded: readonly Recorded[]): string | undefined {
  for (const { event, at } of recorded) {
    if (event.kind === 'holdOverridden' && event.hold === hold)
      return `Overridden by ${person(event.by)}, ${slackTime(at)}: ${words(event.reason, 800)}. It counts until the window is over.`;
    if (event.kind === 'holdEnded' && event.hold === hold) return `Ended ${slackTime(at)}: ${words(event.why)}.`;
  }
  return state.ended === undefined ? undefined : `Closed ${slackTime(state.ended.at)}: the run ${state.ended.outcome} first.`;
}

/** `held by the freeze window Trading hours`, for the card and the status; undefined while nothing holds the run. */
export function heldWords(state: RunState): string | undefined {
  const hold = openHold(state);
  return hold === undefined ? undefined : `held by the freeze window ${name(hold.window)}`;
}

/** What a held run waits for. */
export function heldWaits(state: RunState): readonly string[] {
  const hold = openHold(state);
  if (hold === undefined) return [];
  const who = people(state.cluster.freeze?.override ?? NOBODY);
  return [`the end of the freeze window (${onUntil(state, hold)}), or an override by ${who} before ${slackTime(hold.expiresAt)}.`];
}
