/** Every event that this process records is a line of its log: which run, where in it, what kind. Never what anybody wrote: that is the record's. */
import type { Logger } from 'pino';
import type { Journal, Stored } from './journal/journal.ts';
import type { RunEvent } from './run/events.ts';
import { wordOf } from './run/outcome-word.ts';

/** What an operator wants to see going by, in words; the rest is for whoever looks closer (`debug`). */
const MILESTONES: Readonly<Partial<Record<RunEvent['kind'], string>>> = {
  runRequested: 'a run begins',
  approvalRequested: 'an approval is asked for',
  approvalGiven: 'an approval was given',
  approvalRejected: 'an approval was rejected',
  approvalExpired: 'a request for an approval has expired',
  approvalVoided: 'a request for an approval is void',
  glassBroken: 'the glass was broken: one person approved in an emergency',
  questionAsked: 'people are asked a question',
  questionAnswered: 'a question was answered',
  attemptIntended: 'an attempt begins',
  attemptEnded: 'an attempt ended',
  troubleRaised: 'the run stands still in a trouble, until a person decides',
  troubleSettled: 'a trouble was settled',
  runHeld: 'a freeze window holds the run',
  holdOverridden: 'a freeze window was overridden',
  holdEnded: 'the run is not held any more',
  paused: 'the run was paused',
  resumed: 'the run was resumed',
  cancelRequested: 'the run is to be cancelled',
  runEnded: 'the run ended',
};

/** What an operator should look at, also where nothing is wrong with Keyturn. */
const STRIKING: ReadonlySet<RunEvent['kind']> = new Set(['troubleRaised', 'glassBroken', 'holdOverridden']);

export function logging(journal: Journal<RunEvent>, log: Logger): Journal<RunEvent> {
  const tell = (run: string, stored: readonly Stored<RunEvent>[]): void => {
    for (const { seq, event } of stored) {
      const { level, fields, words } = lineOf(event);
      log[level]({ run, seq, ...fields }, words);
    }
  };
  return {
    ...journal,
    async create(run, events, how) {
      const created = await journal.create(run, events, how);
      if (created.kind === 'created') tell(run, created.stored);
      return created;
    },
    async append(run, head, events, how) {
      const appended = await journal.append(run, head, events, how);
      if (appended.kind === 'appended') tell(run, appended.stored);
      return appended;
    },
  };
}

type Fields = Readonly<Record<string, string | number>>;
type Line = { readonly level: 'debug' | 'info' | 'warn'; readonly fields: Fields; readonly words: string };

/** What the log says of an event. */
export function lineOf(event: RunEvent): Line {
  const words = MILESTONES[event.kind];
  const level = words === undefined ? 'debug' : STRIKING.has(event.kind) ? 'warn' : 'info';
  return { level, fields: { event: event.kind, ...placeOf(event), ...factsOf(event) }, words: words ?? 'recorded' };
}

function placeOf(event: RunEvent): Fields {
  return {
    ...('request' in event ? { request: event.request } : {}),
    ...('step' in event ? { step: event.step } : {}),
    ...('host' in event && event.host !== undefined ? { host: event.host } : {}),
    ...('attempt' in event && event.attempt !== undefined ? { attempt: event.attempt } : {}),
  };
}

/** Names out of files, and words and numbers that are finitely many. */
function factsOf(event: RunEvent): Fields {
  switch (event.kind) {
    case 'runRequested':
      return { procedure: event.procedure.name, cluster: event.cluster.name };
    case 'attemptIntended':
      return event.approval === undefined ? {} : { request: event.approval };
    case 'attemptEnded':
      return { outcome: wordOf(event.outcome), ...endOf(event.outcome) };
    case 'troubleRaised':
      return { trouble: event.what.kind };
    case 'troubleSettled':
      return { choice: event.choice };
    case 'runEnded':
      return { outcome: event.outcome };
    default:
      return {};
  }
}

function endOf(outcome: Extract<RunEvent, { kind: 'attemptEnded' }>['outcome']): Fields {
  if (outcome.kind === 'refused') return { code: outcome.code };
  return outcome.kind === 'finished' ? { status: outcome.status } : {};
}
