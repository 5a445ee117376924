import { KeyturnError } from '../errors.ts';

/** A journal that is shorter than, or other than, what somebody has seen. Never to be taken for an empty one. */
export function journalLost(run: string, what: string): KeyturnError {
  return new KeyturnError(
    'JOURNAL_LOST',
    `The journal of run ${run} has lost events: ${what}. The run stands still; nothing more is started on its hosts`,
    'whether Redis was restarted without its data, restored from a copy, or failed over; compare the run thread in Slack with the hosts',
  );
}

/** Something in the journal was not written by this installation, or was changed since. Nothing in it is believed. */
export function journalForged(run: string, sentence: string): KeyturnError {
  return new KeyturnError(
    'JOURNAL_FORGED',
    `The journal of run ${run} is not what Keyturn wrote: nothing is done for this run. ${sentence}`,
    'who can write to this Redis, and that bot and workers have the same key file (KEYTURN_KEY_FILE); then compare the run thread in Slack with the hosts',
  );
}

/** The same of the register, which goes on taking entries. */
export function registerForged(sentence: string): KeyturnError {
  return new KeyturnError(
    'REGISTER_FORGED',
    `The register is not what Keyturn wrote. ${sentence}`,
    'who can write to this Redis, and that bot and workers have the same key file (KEYTURN_KEY_FILE); docs/troubleshooting.md says how to go on',
  );
}

/** The same of the list of runs. Runs go on: the list proves that none vanished, and permits nothing. */
export function runsForged(sentence: string): KeyturnError {
  return new KeyturnError(
    'RUNS_FORGED',
    `The list of runs is not what Keyturn wrote. ${sentence}`,
    'who can write to this Redis and to the folder of the record, and that bot and workers have the same key file (KEYTURN_KEY_FILE); ' +
      '`keyturn verify` says what is missing',
  );
}

/** The journal itself is damaged: nothing is done for the run, whoever asks; other runs go on. */
export function isDamage(error: unknown): error is KeyturnError {
  return error instanceof KeyturnError && (error.code === 'JOURNAL_LOST' || error.code === 'JOURNAL_FORGED');
}

export function runUnknown(run: string): KeyturnError {
  return new KeyturnError('RUN_UNKNOWN', `No run ${run} is known`, 'the run id, and that REDIS_URL is the Redis this run was made on');
}
