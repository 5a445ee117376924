import { KeyturnError } from '../errors.ts';

/** A journal that is shorter than, or other than, what somebody has seen. Never to be taken for an empty one. */
export function journalLost(run: string, what: string): KeyturnError {
  return new KeyturnError(
    'JOURNAL_LOST',
    `The journal of run ${run} has lost events: ${what}. The run stands still; nothing more is started on its hosts`,
    'whether Redis was restarted without its data, restored from a copy, or failed over; compare the run thread in Slack with the hosts',
  );
}

export function runUnknown(run: string): KeyturnError {
  return new KeyturnError('RUN_UNKNOWN', `No run ${run} is known`, 'the run id, and that REDIS_URL is the Redis this run was made on');
}
