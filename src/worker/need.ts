/** Is a step needed on a host at all, and may the host be silent? */
import { findHost } from '../inventory/hosts.ts';
import type { CommandStep } from '../procedure/model.ts';
import { assertNever } from '../run/assert-never.ts';
import { fillFor, type Setting } from '../run/context.ts';
import { examineUntil } from '../run/judge.ts';
import { type Look, type Looked, whyNot } from './look.ts';

/** One look may take this long. */
const LOOK_SECONDS = 30;

export type Need =
  | { readonly kind: 'needed' }
  | { readonly kind: 'notNeeded'; readonly why: string }
  /** The host should answer and does not. */
  | { readonly kind: 'unclear'; readonly why: string };

/** Looks at the host with what the step has under `unless` and `unreachable`. Changes nothing. */
export async function needOn(look: Look, setting: Setting, step: CommandStep, hostName: string): Promise<Need> {
  const host = findHost(setting.cluster, hostName);
  if (host === undefined) return { kind: 'unclear', why: `${hostName} is not in the cluster file` };
  const answer = await look(host, step, step.unless?.run ?? ':', LOOK_SECONDS);
  switch (answer.kind) {
    case 'answered':
      return step.unless === undefined ? { kind: 'needed' } : judged(setting, step.unless, hostName, answer);
    case 'refused':
      return silent(setting, step, hostName, answer);
    case 'lost':
    case 'timedOut':
    case 'blocked':
      return { kind: 'unclear', why: whyNot(answer) };
    default:
      return assertNever(answer);
  }
}

/** A look that cannot be read speaks for the step: it is needed, and asked for like any other. */
function judged(
  setting: Setting,
  unless: NonNullable<CommandStep['unless']>,
  hostName: string,
  answer: Extract<Looked, { kind: 'answered' }>,
): Need {
  const look = examineUntil(setting, unless, hostName, answer);
  if (!look.holds) return { kind: 'needed' };
  return { kind: 'notNeeded', why: `${fillFor(setting, unless.saying, findHost(setting.cluster, hostName))}. Seen: ${look.seen}` };
}

/** Gone, or another machine by now: nothing was sent there either way. */
function silent(setting: Setting, step: CommandStep, hostName: string, answer: Extract<Looked, { kind: 'refused' }>): Need {
  const { code, message } = answer.why;
  if (step.unreachable === undefined || (code !== 'UNREACHABLE' && code !== 'HOST_KEY_CHANGED' && code !== 'HOST_KEY_UNKNOWN')) {
    return { kind: 'unclear', why: whyNot(answer) };
  }
  return { kind: 'notNeeded', why: `${fillFor(setting, step.unreachable, findHost(setting.cluster, hostName))}. ${message}` };
}
