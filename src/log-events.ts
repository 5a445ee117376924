/** Every event that this process records is a line of its log: which run, where in it, what kind. Never what it says: that is the record's. */
import type { Logger } from 'pino';
import type { Journal, Stored } from './journal/journal.ts';
import type { RunEvent } from './run/events.ts';

/** What an operator wants to see going by; the rest is for whoever looks closer (`debug`). */
const MILESTONES: ReadonlySet<RunEvent['kind']> = new Set([
  'runRequested',
  'approvalRequested',
  'approvalGiven',
  'approvalRejected',
  'approvalExpired',
  'approvalVoided',
  'glassBroken',
  'questionAsked',
  'questionAnswered',
  'attemptIntended',
  'attemptEnded',
  'troubleRaised',
  'troubleSettled',
  'runHeld',
  'holdOverridden',
  'holdEnded',
  'paused',
  'resumed',
  'cancelRequested',
  'runEnded',
]);

export function logging(journal: Journal<RunEvent>, log: Logger): Journal<RunEvent> {
  const tell = (run: string, stored: readonly Stored<RunEvent>[]): void => {
    for (const { seq, event } of stored) {
      log[MILESTONES.has(event.kind) ? 'info' : 'debug']({ run, seq, event: event.kind, ...placeOf(event), ...endOf(event) }, 'recorded');
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

function placeOf(event: RunEvent): { readonly step?: string; readonly host?: string; readonly attempt?: number } {
  return {
    ...('step' in event ? { step: event.step } : {}),
    ...('host' in event && event.host !== undefined ? { host: event.host } : {}),
    ...('attempt' in event && event.attempt !== undefined ? { attempt: event.attempt } : {}),
  };
}

function endOf(event: RunEvent): { readonly outcome?: string } {
  if (event.kind === 'runEnded') return { outcome: event.outcome };
  return event.kind === 'attemptEnded' ? { outcome: event.outcome.kind } : {};
}
