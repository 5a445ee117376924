/** What a code is typed for, as the form that asks for it says it. Pure; escaped. */
import type { Intent } from '../../run/intents.ts';
import { approvalIn, openTroubles, questionIn, type RunState, stepsOf } from '../../run/state.ts';
import { code } from './escape.ts';
import { heading, listed, name, stepName } from './words.ts';

/** First what is approved, settled or answered; of an approval the digest too, as the card shows it. */
export function codeFor(state: RunState, intent: Intent): string {
  return [...matterOf(state, intent), heading(state)].join('\n');
}

function matterOf(state: RunState, intent: Intent): readonly string[] {
  switch (intent.kind) {
    case 'approve':
    case 'breakGlass': {
      const approval = approvalIn(state, intent.request);
      if (approval === undefined) return [];
      const hosts = [...new Set(approval.subject.items.map(({ host }) => host))].map(name);
      const steps = stepsOf(approval).map((step) => stepName(state, step));
      return [`*${listed(steps, 5)}* on ${listed(hosts, 10)}`, `Digest ${code(approval.digest.slice(0, 12))}, as on the card.`];
    }
    case 'override':
      return state.hold === undefined ? [] : [`*Override of the freeze window ${name(state.hold.window)}*`];
    case 'settle': {
      const trouble = openTroubles(state).find((each) => each.trouble === intent.trouble);
      return trouble === undefined ? [] : [`*${stepName(state, trouble.step)}*${on(trouble.host)}`];
    }
    case 'answer': {
      const question = questionIn(state, intent.question);
      return question === undefined ? [] : [`*${stepName(state, question.step)}*${on(question.host)}`];
    }
    default:
      return [];
  }
}

function on(host: string | undefined): string {
  return host === undefined ? '' : ` on ${name(host)}`;
}
