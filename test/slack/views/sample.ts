/** One run that meets every kind of message, as a journal. */
import type { Person, Recorded, RunEvent } from '../../../src/run/events.ts';
import { alex, command, dana, journal, requested, sam } from '../../run/samples.ts';

export const steps = [
  command('S1', { title: 'Find the main', bind: { main: 'rows[0].member' }, run: 'show_members' }),
  { kind: 'announce' as const, id: 'S2', title: 'Say so', text: 'Restart begins' },
  command('S3', {
    title: 'Stop it',
    safety: { kind: 'unsafe', why: 'it stops things' },
    run: 'stop_it "$NAME"',
    env: { NAME: 'host.name' },
    until: { run: 'status', read: 'text', expect: 'true', waiting: 'every service to be down', everySeconds: 1, withinSeconds: 60 },
    advice: 'Look at the log first.',
  }),
  command('S4', { title: 'Only elsewhere', when: 'false' }),
];

export function ended(step: string, host: string, attempt: number, head: string, status = 0): RunEvent {
  const lines = head.split('\n').length;
  const output = { bytes: Buffer.byteLength(head), lines, sha256: 'a'.repeat(64), head, tail: '', path: '/var/keyturn/out' };
  return { kind: 'attemptEnded', step, host, attempt, outcome: { kind: 'finished', status }, output, startedAt: 1_000, endedAt: 66_000 };
}

export function intended(step: string, host: string, attempt: number): RunEvent {
  return { kind: 'attemptIntended', step, host, attempt, digest: 'd1' };
}

const at = { step: 'S3', host: 'main-1', attempt: 1 };

export const checkFailed: RunEvent = {
  kind: 'troubleRaised',
  trouble: 't16',
  ...at,
  what: { kind: 'checkFailed', why: 'two services still run' },
  choices: ['lookAgain', 'retry', 'skip', 'abort'],
};

export function lookAgain(by: Person = dana): RunEvent {
  return { kind: 'troubleSettled', trouble: 't16', choice: 'lookAgain', by, reason: '' };
}

export const events: readonly RunEvent[] = [
  { kind: 'stepOpened', step: 'S1', hosts: ['node-1'] },
  intended('S1', 'node-1', 1),
  ended('S1', 'node-1', 1, 'main-1 main up'),
  { kind: 'rolesBound', step: 'S1', host: 'node-1', roles: { main: 'main-1' } },
  { kind: 'hostPassed', step: 'S1', host: 'node-1', attempt: 1, seen: 'main-1 main up' },
  { kind: 'announced', step: 'S2', text: 'Restart begins', channels: ['C9', 'C9'] },
  { kind: 'stepOpened', step: 'S3', hosts: ['main-1'] },
  requested('S3', 'main-1'),
  { kind: 'approvalGiven', request: 'q1', by: sam },
  { kind: 'paused', by: alex, reason: 'lunch' },
  { kind: 'resumed', by: dana },
  intended('S3', 'main-1', 1),
  ended('S3', 'main-1', 1, 'stopping'),
  { kind: 'watchBegan', ...at },
  checkFailed,
  lookAgain(),
  { kind: 'hostPassed', ...at, seen: 'all down' },
  { kind: 'stepSkipped', step: 'S4', why: 'its condition does not hold here: false' },
  { kind: 'runEnded', outcome: 'succeeded', why: 'every step is done' },
];

export const recorded: readonly Recorded[] = journal(steps, events);
